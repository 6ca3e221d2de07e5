"""Reads what WeChat's merchant console gives out: apiclient_key.pem, apiclient_cert.pem, pub_key.pem, the APIv3 key."""

import datetime as dt
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from services.clocks import local_day
from services.errors import InvalidInput

MCHID = re.compile(r"[0-9]{8,10}")
APPID = re.compile(r"wx[0-9A-Za-z]{6,30}")
PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{8,50}")
API_KEY = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True)
class MerchantKeys:
    """A merchant's number and keys, found in order."""

    mchid: str
    appid: str
    certificate_serial: str
    private_key: str = field(repr=False)
    api_key: str = field(repr=False)
    public_key_id: str | None = None
    public_key: str | None = None


def read(
    *,
    mchid: str,
    appid: str,
    private_key: str,
    certificate: str,
    api_key: str,
    public_key_id: str | None = None,
    public_key: str | None = None,
    now: dt.datetime,
) -> MerchantKeys:
    """Check that everything is what it should be and fits together.

    Raises ``InvalidInput`` with what to do about each.
    """
    wrong: dict[str, list[str]] = {}
    if not MCHID.fullmatch(mchid):
        wrong["mchid"] = ["商户号是8到10位数字。"]
    if not APPID.fullmatch(appid):
        wrong["appid"] = ["小程序的 AppID 以 wx 开头。"]
    if not API_KEY.fullmatch(api_key):
        wrong["api_key"] = ["APIv3 密钥正好是32个字母或数字，在商户平台“账户中心—API 安全”里设置。"]
    if (public_key_id is None) != (public_key is None):
        wrong["public_key"] = ["微信支付公钥和公钥编号要一起给；两样都不给，就用平台证书。"]
    elif public_key_id is not None and not PUBLIC_KEY_ID.fullmatch(public_key_id):
        wrong["public_key_id"] = ["公钥编号以 PUB_KEY_ID_ 开头，在商户平台“API 安全”里能看到。"]
    key, paper = _private(private_key, wrong), _certificate(certificate, wrong, now)
    public = None if public_key is None else _public(public_key, wrong)
    if key is not None and paper is not None and key.public_key() != paper.public_key():
        wrong["certificate"] = ["证书和私钥不是一对。请用同一次下载的 apiclient_cert.pem 和 apiclient_key.pem。"]
    if wrong or key is None or paper is None:
        raise InvalidInput("商户资料有几处不对，请看每一项的说明。", code="merchant_keys_invalid", errors=wrong)
    return MerchantKeys(
        mchid,
        appid,
        f"{paper.serial_number:X}",
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        api_key,
        public_key_id,
        public,
    )


def _private(text: str, wrong: dict[str, list[str]]) -> RSAPrivateKey | None:
    try:
        key = load_pem_private_key(text.strip().encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        wrong["private_key"] = ["私钥读不懂。请用下载的 apiclient_key.pem，不要改它的内容。"]
        return None
    return key


def _certificate(text: str, wrong: dict[str, list[str]], now: dt.datetime) -> x509.Certificate | None:
    try:
        paper = x509.load_pem_x509_certificate(text.strip().encode())
    except ValueError:
        wrong["certificate"] = ["证书读不懂。请用下载的 apiclient_cert.pem。"]
        return None
    if paper.not_valid_after_utc <= now:
        ended = f"{local_day(paper.not_valid_after_utc):%Y-%m-%d}"
        wrong["certificate"] = [f"证书已经在{ended}到期了。请在商户平台重新申请，再用新的私钥和证书。"]
    elif paper.not_valid_before_utc > now:
        wrong["certificate"] = ["证书还没有生效。请核对服务器的时间；时间没错，就等它生效再登记。"]
    return paper


def _public(text: str, wrong: dict[str, list[str]]) -> str | None:
    try:
        key = load_pem_public_key(text.strip().encode())
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        wrong["public_key"] = ["微信支付公钥读不懂。请用下载的 pub_key.pem。"]
        return None
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
