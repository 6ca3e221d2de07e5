"""Signatures, keys and encryption of the simulated WeChat Pay, against the official vectors and against bad requests."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpy.pay.utils import calculate_signature, calculate_signature_hmac

from tests.wechat.fakes import Clock
from tests.wechat.shops import JSAPI, Shop, problem
from wechat.sandbox import World
from wechat.sandbox.pay.keys import KeyChest, KeyPair
from wechat.sandbox.pay.merchants import PROVIDER_MCHID
from wechat.sandbox.pay.signing import lines, sealed, signed_by

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
CERTIFICATES = "/v3/certificates"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def vector(name: str) -> tuple[Any, Any]:
    return VECTORS[name]["inputs"], VECTORS[name]["expected"]


def test_the_official_text_is_encrypted_to_the_official_ciphertext() -> None:
    given, expected = vector("pay_v3_aes256gcm_java_sdk")
    made = sealed(given["apiv3_key"], expected["plaintext"], given["associated_data"], given["nonce"])
    assert made["ciphertext"] == given["ciphertext_base64"]


def test_the_official_key_makes_the_official_signature() -> None:
    given, expected = vector("pay_v3_rsa_sha256_sign_java_sdk")
    pair, message = KeyPair.read(given["merchant_private_key_pem"]), given["message"].encode()
    assert base64.b64encode(pair.sign(message)).decode() == expected["signature_base64"]
    assert signed_by(pair, message, expected["signature_base64"])
    assert not signed_by(pair, message + b".", expected["signature_base64"])
    assert not signed_by(pair, message, "not base64!")


def test_the_text_that_a_phone_checks_is_the_official_one() -> None:
    given, expected = vector("pay_v3_requestPayment_sign_string")
    text = lines(given["appId"], given["timeStamp"], given["nonceStr"], body=given["package"].encode())
    assert text.decode() == expected["message"]


def test_the_sdk_signs_version_two_as_the_official_example() -> None:
    """Nothing of ours speaks version 2; the vector holds wechatpy to it, should a payment code ever be needed."""
    given, expected = vector("pay_v2_md5_sign")
    assert calculate_signature(given["params"], given["key"]) == expected["md5"]
    assert calculate_signature_hmac(given["params"], given["key"]) == expected["hmac_sha256"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"signature": base64.b64encode(bytes(256)).decode()}, "验签失败"),
        ({"signature": "%%%"}, "验签失败"),
        ({"signature": ""}, "格式错误"),
        ({"mchid": "1900000109"}, "商户号不存在"),
        ({"mchid": PROVIDER_MCHID}, "序列号有误"),
        ({"serial_no": "0" * 40}, "序列号有误"),
        ({"timestamp": "soon"}, "5分钟"),
        ({"extra": "1"}, "格式错误"),
    ],
)
def test_a_request_that_is_not_the_merchants_is_refused(shop: Shop, changes: dict[str, str], said: str) -> None:
    answer = shop.ask(
        "GET", CERTIFICATES, Authorization=shop.headers("GET", CERTIFICATES, b"", **changes)["Authorization"]
    )
    assert problem(answer) == (401, "SIGN_ERROR")
    assert said in answer.get_json()["message"]


@pytest.mark.parametrize("header", ["", "Bearer abc", 'WECHATPAY2-SM2-WITH-SM3 mchid="1"'])
def test_another_scheme_is_refused(shop: Shop, header: str) -> None:
    assert problem(shop.ask("GET", CERTIFICATES, Authorization=header)) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
def test_a_request_may_be_dated_wrong_by_five_minutes(shop: Shop, seconds: int, status: int) -> None:
    headers = shop.headers("GET", CERTIFICATES, b"", stamp=str(int(shop.clock()) + seconds))
    assert shop.ask("GET", CERTIFICATES, **headers).status_code == status


def test_a_request_works_once(shop: Shop) -> None:
    headers = shop.headers("GET", CERTIFICATES, b"")
    assert shop.ask("GET", CERTIFICATES, **headers).status_code == 200
    again = shop.ask("GET", CERTIFICATES, **headers)
    assert problem(again) == (401, "SIGN_ERROR")
    assert "随机串" in again.get_json()["message"]


def test_the_same_nonce_of_another_merchant_is_no_repeat(shop: Shop) -> None:
    other = Shop(PROVIDER_MCHID, clock=shop.clock, world=shop.world)
    for one in (shop, other):
        assert one.ask("GET", CERTIFICATES, **one.headers("GET", CERTIFICATES, b"", nonce="same")).status_code == 200


def test_a_body_that_was_changed_on_the_way_is_refused_and_shown(shop: Shop) -> None:
    body = json.dumps(shop.order()).encode()
    headers = shop.headers("POST", JSAPI, body)
    answer = shop.ask("POST", JSAPI, body.replace(b"10000", b"1"), **headers)
    assert problem(answer) == (401, "SIGN_ERROR")
    assert answer.get_json()["detail"]["sign_information"]["truncated_sign_message"].startswith(f"POST\n{JSAPI}\n")
    assert answer.headers["Request-ID"].endswith("-268443699")


def test_the_query_of_an_address_is_signed_too(shop: Shop) -> None:
    shop.prepay()
    target = shop.query_target("WY-2026-0001")
    headers = shop.headers("GET", target.partition("?")[0], b"")
    assert problem(shop.ask("GET", target, **headers)) == (401, "SIGN_ERROR")


@pytest.mark.parametrize("missing", [{"Accept": ""}, {"Accept": "text/html"}, {"User-Agent": ""}])
def test_accept_and_user_agent_are_needed(shop: Shop, missing: dict[str, str]) -> None:
    assert problem(shop.ask("GET", CERTIFICATES, **missing)) == (400, "PARAM_ERROR")


def test_an_answer_is_signed_by_the_key_that_was_asked_for(shop: Shop) -> None:
    platform = shop.world.pay.merchants.platform.serial
    for asked, answered in ((shop.serial, shop.serial), (platform, platform), ("", platform)):
        answer = shop.ask("GET", CERTIFICATES, **{"Wechatpay-Serial": asked})
        assert answer.headers["Wechatpay-Serial"] == answered
        assert answer.headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"


def test_a_serial_that_is_no_key_of_wechats_is_refused(shop: Shop) -> None:
    assert problem(shop.ask("GET", CERTIFICATES, **{"Wechatpay-Serial": "PUB_KEY_ID_1"})) == (400, "PARAM_ERROR")


def test_the_platform_certificate_opens_with_the_merchants_key(shop: Shop) -> None:
    (entry,) = shop.ask("GET", CERTIFICATES).get_json()["data"]
    sealed_one = entry["encrypt_certificate"]
    opened = AESGCM(shop.me["apiv3_key"].encode()).decrypt(
        sealed_one["nonce"].encode(), base64.b64decode(sealed_one["ciphertext"]), sealed_one["associated_data"].encode()
    )
    assert opened.decode() == shop.world.pay.merchants.platform.pem
    assert entry["serial_no"] == shop.world.pay.merchants.platform.serial


def test_a_new_merchant_is_given_no_certificates(shop: Shop) -> None:
    shop.http.put(f"/sandbox/pay/merchants/{shop.me['mchid']}", json={"has_certificates": False})
    answer = shop.ask("GET", CERTIFICATES, **{"Wechatpay-Serial": ""})
    assert problem(answer) == (404, "RESOURCE_NOT_EXISTS")
    assert answer.headers["Wechatpay-Serial"] == shop.me["public_key_id"]


def test_keys_outlive_the_process_in_a_folder(tmp_path: Path) -> None:
    first = World(chest=KeyChest(tmp_path / "pay")).pay.merchants
    second = World(chest=KeyChest(tmp_path / "pay")).pay.merchants
    for mchid, merchant in first.by_mchid.items():
        assert second.get(mchid).material() == merchant.material()
        folder = tmp_path / "pay" / mchid
        assert (folder / "apiclient_key.pem").read_text() == merchant.own.pair.private_pem
        assert (folder / "apiclient_cert.pem").read_text() == merchant.own.pem
        assert (folder / "pub_key.pem").read_text() == merchant.public.public_pem
        assert (folder / "apiclient_key.pem").stat().st_mode & 0o777 == 0o600
    assert second.platform.serial == first.platform.serial


def test_the_signatures_follow_the_true_time_when_the_simulated_one_is_moved() -> None:
    clock = Clock()
    shop = Shop(clock=clock)
    shop.world.clock.step(30 * 86_400)
    answer = shop.ask("GET", CERTIFICATES)
    assert answer.status_code == 200
    assert int(answer.headers["Wechatpay-Timestamp"]) == int(clock())


def test_a_new_platform_certificate_signs_and_the_old_one_is_still_given_out(shop: Shop) -> None:
    old = shop.world.pay.merchants.platform.serial
    new = shop.http.post("/sandbox/pay/certificates/rotate").get_json()["serial_no"]
    answer = shop.ask("GET", CERTIFICATES, **{"Wechatpay-Serial": old})
    assert answer.headers["Wechatpay-Serial"] == new != old
    assert [one["serial_no"] for one in answer.get_json()["data"]] == [old, new]
    shop.http.post("/sandbox/reset")
    assert shop.world.pay.merchants.platform.serial == old
