"""What the operator hands in by mistake: each is named in Chinese, and nothing is accepted in part."""

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from services.errors import InvalidInput
from services.payments import merchant_keys
from services.payments.merchant_keys import MerchantKeys
from wechat.sandbox.pay.keys import chest_in_memory

NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)
MINE = chest_in_memory().certified("a-merchant", "1900009191")
OTHER = chest_in_memory().certified("another-merchant", "1900009192")
CURVE = generate_curve_key(SECP256R1())
GIVEN = {
    "mchid": "1900009191",
    "appid": "wx0000sandbox00000",
    "private_key": MINE.pair.private_pem,
    "certificate": MINE.pem,
    "api_key": "k" * 32,
    "public_key_id": "PUB_KEY_ID_0119000091912026",
    "public_key": OTHER.pair.public_pem,
}


def read(**changes: Any) -> MerchantKeys:
    given: dict[str, Any] = {**GIVEN, "now": NOW, **changes}
    return merchant_keys.read(**given)


def certificate(start: dt.datetime, end: dt.datetime) -> str:
    """A certificate of the merchant's key for a time."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "1900009191")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(MINE.pair.private.public_key())
        .serial_number(4711)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    return made.sign(MINE.pair.private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def test_what_belongs_together_is_taken():
    assert read().certificate_serial == f"{MINE.certificate.serial_number:X}"


def test_keys_do_not_show_in_words():
    assert MINE.pair.private_pem[40:80] not in repr(read())
    assert "k" * 32 not in repr(read())


WRONG = {
    "letters in the merchant number": ({"mchid": "19000091a1"}, "mchid", "8到10位数字"),
    "a short merchant number": ({"mchid": "1900"}, "mchid", "8到10位数字"),
    "digits of another script": ({"mchid": "１９００００９１９１"}, "mchid", "8到10位数字"),
    "no AppID": ({"appid": "gh_0123456789"}, "appid", "以 wx 开头"),
    "31 letters": ({"api_key": "k" * 31}, "api_key", "正好是32个"),
    "33 letters": ({"api_key": "k" * 33}, "api_key", "正好是32个"),
    "32 others": ({"api_key": "密" * 32}, "api_key", "正好是32个"),
    "a public key without id": ({"public_key_id": None}, "public_key", "一起给"),
    "an id without public key": ({"public_key": None}, "public_key", "一起给"),
    "another id": ({"public_key_id": "7132D72A03E93CDDF8C03BBD1F37EEDF"}, "public_key_id", "PUB_KEY_ID_"),
    "certificate for public key": ({"public_key": OTHER.pem}, "public_key", "pub_key.pem"),
    "nothing for public key": ({"public_key": ""}, "public_key", "pub_key.pem"),
    "certificate for private key": ({"private_key": MINE.pem}, "private_key", "apiclient_key.pem"),
    "public for private key": ({"private_key": MINE.pair.public_pem}, "private_key", "apiclient_key.pem"),
    "half a private key": ({"private_key": MINE.pair.private_pem[:900]}, "private_key", "apiclient_key.pem"),
    "a key of another kind": (
        {"private_key": CURVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()},
        "private_key",
        "apiclient_key.pem",
    ),
    "a public key of another kind": (
        {"public_key": CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()},
        "public_key",
        "pub_key.pem",
    ),
    "private key for certificate": ({"certificate": MINE.pair.private_pem}, "certificate", "apiclient_cert.pem"),
    "nothing for certificate": ({"certificate": ""}, "certificate", "apiclient_cert.pem"),
    "certificate of another key": ({"certificate": OTHER.pem}, "certificate", "不是一对"),
    "an expired certificate": (
        {"certificate": certificate(NOW - dt.timedelta(days=9), NOW - dt.timedelta(days=1))},
        "certificate",
        "2026-11-25到期",
    ),
    "a certificate of tomorrow": (
        {"certificate": certificate(NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=9))},
        "certificate",
        "还没有生效",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_is_named_where_it_is(case):
    changes, field, words = WRONG[case]
    with pytest.raises(InvalidInput) as caught:
        read(**changes)
    assert caught.value.reason == "merchant_keys_invalid"
    assert list(caught.value.errors) == [field]
    assert words in caught.value.errors[field][0]


def test_all_mistakes_are_named_together():
    with pytest.raises(InvalidInput) as caught:
        read(mchid="x", appid="y", api_key="z", private_key="", certificate="", public_key="")
    assert set(caught.value.errors) == {"mchid", "appid", "api_key", "private_key", "certificate", "public_key"}


def test_what_is_wrong_is_not_quoted():
    with pytest.raises(InvalidInput) as caught:
        read(api_key="s3cret" * 5, private_key=MINE.pair.private_pem[:900])
    assert "s3cret" not in f"{caught.value.detail}{caught.value.errors}"
    assert MINE.pair.private_pem[40:80] not in f"{caught.value.detail}{caught.value.errors}"
