"""Who takes money in the simulated WeChat Pay: one direct merchant, and one service provider with two sub-merchants.

A neighborhood's own merchant number and one under a provider differ in addresses, ids and keys; both can be tried here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.sandbox.pay.keys import Certified, KeyChest, KeyPair
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

DIRECT_MCHID = "1900009191"
PROVIDER_MCHID = "1900000100"
SUB_MCHIDS = ("1900000109", "1900000117")
STRANGE_SUB_MCHID = "1900000999"
"""A sub-merchant that exists and has not authorised the provider."""
PROVIDER_APPID = "wx0000sandboxspsvc"
"""The provider's own official account; the simulated phones are no users of it."""

NAMES: Mapping[str, str] = {
    DIRECT_MCHID: "五有演示小区",
    PROVIDER_MCHID: "五有演示服务商",
    SUB_MCHIDS[0]: "演示一号小区业主委员会",
    SUB_MCHIDS[1]: "演示二号小区服务站",
    STRANGE_SUB_MCHID: "别家的特约商户",
}
SIGNED_BY = ("public_key", "certificate")


@dataclass
class Merchant:
    """A merchant that holds keys: it signs requests, and the simulated WeChat signs what it says to it.

    ``public`` is WeChat's own key for this merchant (微信支付公钥), ``own`` the merchant's certificate (商户API证书).
    """

    mchid: str
    appids: frozenset[str]
    own: Certified
    public: KeyPair
    apiv3_key: str
    subs: frozenset[str] = frozenset()
    has_certificates: bool = True
    """Whether platform certificates are given out; new merchants of the real WeChat get none."""
    notices_signed_by: str = "public_key"

    @property
    def is_provider(self) -> bool:
        """Whether it collects for sub-merchants only."""
        return bool(self.subs)

    @property
    def public_key_id(self) -> str:
        """The id of WeChat's public key for this merchant."""
        return f"PUB_KEY_ID_01{self.mchid}2026010100200000"

    def material(self) -> Json:
        """Return everything that a merchant has in hand: what it downloaded or set in WeChat's console."""
        return {
            "mchid": self.mchid,
            "name": NAMES[self.mchid],
            "mode": "provider" if self.is_provider else "direct",
            "appids": sorted(self.appids),
            "sub_mchids": sorted(self.subs),
            "serial_no": self.own.serial,
            "private_key": self.own.pair.private_pem,
            "certificate": self.own.pem,
            "apiv3_key": self.apiv3_key,
            "public_key_id": self.public_key_id,
            "public_key": self.public.public_pem,
            "has_certificates": self.has_certificates,
            "notices_signed_by": self.notices_signed_by,
        }


@dataclass
class Merchants:
    """The merchants, and the platform certificates with which WeChat may sign instead of a public key."""

    chest: KeyChest
    appid: str
    """The mini-program, bound to every merchant here."""
    platforms: list[Certified] = field(init=False)
    """Oldest first; the newest signs, the others are still given out."""
    by_mchid: dict[str, Merchant] = field(init=False)

    def __post_init__(self) -> None:
        """Make the keys, or find those that were made before."""
        self.platforms = [self._platform(1)]
        direct = self._merchant(DIRECT_MCHID, frozenset({self.appid}), frozenset())
        provider = self._merchant(PROVIDER_MCHID, frozenset({self.appid, PROVIDER_APPID}), frozenset(SUB_MCHIDS))
        self.by_mchid = {direct.mchid: direct, provider.mchid: provider}

    def reset(self) -> None:
        """Set every switch back; the keys stay, and the first platform certificate signs again."""
        del self.platforms[1:]
        for merchant in self.by_mchid.values():
            merchant.has_certificates, merchant.notices_signed_by = True, "public_key"

    @property
    def platform(self) -> Certified:
        """The platform certificate that signs."""
        return self.platforms[-1]

    def rotate(self) -> str:
        """Let a new platform certificate sign from now on, as WeChat does before one ends; return its serial number."""
        self.platforms.append(self._platform(len(self.platforms) + 1))
        return self.platform.serial

    def get(self, mchid: str) -> Merchant:
        """Return a merchant.  Raises ``Unknown``."""
        if mchid not in self.by_mchid:
            raise Unknown(f"no merchant {mchid!r}")
        return self.by_mchid[mchid]

    def exists(self, mchid: str) -> bool:
        """Whether the number is anybody's, a sub-merchant's included."""
        return mchid in NAMES

    def set_up(self, mchid: str, wanted: Mapping[str, Any]) -> Json:
        """Switch what WeChat signs with.  Raises ``Unknown``."""
        merchant = self.get(mchid)
        if not wanted or not set(wanted) <= {"has_certificates", "notices_signed_by"}:
            raise Unknown("has_certificates and notices_signed_by can be set", 400)
        certificates = wanted.get("has_certificates", merchant.has_certificates)
        signed_by = wanted.get("notices_signed_by", merchant.notices_signed_by)
        if not isinstance(certificates, bool) or signed_by not in SIGNED_BY:
            raise Unknown(f"has_certificates is true or false; notices_signed_by is {' or '.join(SIGNED_BY)}", 400)
        merchant.has_certificates, merchant.notices_signed_by = certificates, signed_by
        return merchant.material()

    def _platform(self, number: int) -> Certified:
        return self.chest.certified(f"wechat/platform-{number}", "Tenpay.com sandbox platform certificate")

    def _merchant(self, mchid: str, appids: frozenset[str], subs: frozenset[str]) -> Merchant:
        own = self.chest.certified(f"{mchid}/apiclient", mchid)
        public = self.chest.pair(f"wechat/{mchid}")
        # The public half lies with the merchant's other files, as it is downloaded from the console.
        self.chest.text(f"{mchid}/pub_key.pem", lambda: public.public_pem)
        return Merchant(mchid, appids, own, public, self.chest.apiv3_key(f"{mchid}/merchant"), subs)
