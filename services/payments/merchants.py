"""Merchant accounts: entered and switched off by the operator, opened for a call, found for a neighborhood.

``services/payments/merchant_keys.py`` reads the files that WeChat's console gives out.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import MerchantAccount, MerchantMode, OrgUnit, UnitKind
from services import access, audit
from services.errors import Conflict, InvalidInput, NotFound
from services.payment_ports import Merchant
from services.payments.merchant_keys import APPID, MCHID, MerchantKeys
from services.vault import Vault

PRIVATE_KEY = "merchant_account.private_key"
API_KEY = "merchant_account.api_key"
SLUG_BYTES = 18
AT_THE_STATION = "本小区还没有开通微信缴费。请到服务站交，或者先给服务站打个电话。"
ACCOUNT_MISSING = "没有找到这个商户。请先用 flask pay merchant list 看一看编号。"


@dataclass(frozen=True)
class Below:
    """A merchant number below a provider."""

    provider_id: int
    sub_mchid: str
    sub_appid: str | None = None


def add(
    session: Session,
    *,
    unit_id: int,
    name: str,
    how: MerchantKeys | Below,
    vault: Vault,
    now: dt.datetime,
) -> MerchantAccount:
    """Enter a merchant account: with keys, a neighborhood's own or a provider's at a node above; or one below a provider.

    Raises ``NotFound``, ``InvalidInput``, and ``Conflict`` where the neighborhood or the number has an active one.
    """
    if not name.strip():
        raise InvalidInput("请写收款方的名称，住户付款时会看到。", code="merchant_name_missing")
    unit = access.unit_for(session, None, unit_id, change=True)
    hood_id = unit.id if unit.kind is UnitKind.NEIGHBORHOOD else None
    account = MerchantAccount(unit_id=unit.id, neighborhood_id=hood_id, name=name.strip()[:64], starts_at=now)
    if isinstance(how, Below):
        _below(session, account, unit, how)
    else:
        account.mode = MerchantMode.PROVIDER if hood_id is None else MerchantMode.DIRECT
        account.mchid, account.appid, account.certificate_serial = how.mchid, how.appid, how.certificate_serial
        account.public_key_id, account.public_key = how.public_key_id, how.public_key
        account.private_key_sealed = vault.seal(how.private_key, PRIVATE_KEY)
        account.api_key_sealed = vault.seal(how.api_key, API_KEY)
    if account.mode is not MerchantMode.PROVIDER:
        account.slug = secrets.token_urlsafe(SLUG_BYTES)
    _check_free(session, account)
    session.add(account)
    session.flush()
    audit.note_on(session, None, account, "merchant_account.added", now, {"mode": account.mode.value})
    return account


def _below(session: Session, account: MerchantAccount, unit: OrgUnit, how: Below) -> None:
    provider = session.get(MerchantAccount, how.provider_id)
    if provider is None or provider.mode is not MerchantMode.PROVIDER or provider.ends_at is not None:
        raise NotFound("没有找到这个服务商。请先用 flask pay merchant list 看一看编号。", code="provider_not_found")
    if unit.kind is not UnitKind.NEIGHBORHOOD:
        raise InvalidInput("特约商户要写在小区下面。请写小区的编号。", code="merchant_unit_wrong")
    if not unit.path.startswith(session.get_one(OrgUnit, provider.unit_id).path):
        raise InvalidInput("这个服务商不管这个小区。请核对编号。", code="provider_elsewhere")
    if not MCHID.fullmatch(how.sub_mchid):
        raise InvalidInput("特约商户号是8到10位数字。请核对。", code="sub_mchid_invalid")
    if how.sub_appid is not None and not APPID.fullmatch(how.sub_appid):
        raise InvalidInput("小程序的 AppID 以 wx 开头。请核对。", code="sub_appid_invalid")
    account.mode, account.provider_id = MerchantMode.PARTNER, provider.id
    account.sub_mchid, account.sub_appid = how.sub_mchid, how.sub_appid


def _check_free(session: Session, account: MerchantAccount) -> None:
    same = [
        MerchantAccount.neighborhood_id == account.neighborhood_id if account.neighborhood_id else sa.false(),
        MerchantAccount.mchid == account.mchid if account.mchid else sa.false(),
        MerchantAccount.sub_mchid == account.sub_mchid if account.sub_mchid else sa.false(),
    ]
    if session.scalar(sa.select(MerchantAccount.id).where(MerchantAccount.ends_at.is_(None), sa.or_(*same))):
        raise Conflict(
            "这个小区或者这个商户号已经有一个在用的了。请先用 flask pay merchant switch-off 停掉旧的。",
            code="merchant_active",
        )


def switch_off(session: Session, *, account_id: int, now: dt.datetime) -> MerchantAccount:
    """Take no new orders by an account; words on its old orders are still heard, refunds still made."""
    account = session.scalar(sa.select(MerchantAccount).where(MerchantAccount.id == account_id).with_for_update())
    if account is None or account.ends_at is not None:
        raise NotFound(ACCOUNT_MISSING, code="merchant_not_found")
    if account.mode is MerchantMode.PROVIDER and session.scalar(
        sa.select(MerchantAccount.id).where(
            MerchantAccount.provider_id == account.id, MerchantAccount.ends_at.is_(None)
        )
    ):
        raise Conflict("还有小区在用这个服务商。请先停掉那些小区的商户。", code="provider_in_use")
    account.ends_at = max(now, account.starts_at + dt.timedelta(microseconds=1))
    audit.note_on(session, None, account, "merchant_account.switched_off", now, {})
    return account


def listed(session: Session) -> list[MerchantAccount]:
    """Return every account, the newest first."""
    return list(session.scalars(sa.select(MerchantAccount).order_by(MerchantAccount.id.desc())))


def taking(session: Session) -> list[MerchantAccount]:
    """Return the accounts that take money now: not the providers, whose keys the others use."""
    return list(
        session.scalars(
            sa.select(MerchantAccount)
            .where(MerchantAccount.ends_at.is_(None), MerchantAccount.mode != MerchantMode.PROVIDER)
            .order_by(MerchantAccount.id)
        )
    )


def account_for(session: Session, account_id: int) -> MerchantAccount:
    """Return an account.  Raises ``NotFound``."""
    account = session.get(MerchantAccount, account_id)
    if account is None:
        raise NotFound(ACCOUNT_MISSING, code="merchant_not_found")
    return account


def active_in(session: Session, neighborhood_id: int) -> MerchantAccount:
    """Return who takes a neighborhood's money now.  Raises ``Conflict``: one pays at the station."""
    account = session.scalar(
        sa.select(MerchantAccount).where(
            MerchantAccount.neighborhood_id == neighborhood_id, MerchantAccount.ends_at.is_(None)
        )
    )
    if account is None:
        raise Conflict(AT_THE_STATION, code="pay_at_station")
    return account


def by_slug(session: Session, slug: str) -> MerchantAccount | None:
    """Return the account of an address that WeChat tells of payments, switched off or not."""
    known = slug.isascii() and slug.isprintable()
    return session.scalar(sa.select(MerchantAccount).where(MerchantAccount.slug == slug)) if known else None


def opened(session: Session, account: MerchantAccount, vault: Vault) -> Merchant:
    """Return an account with its keys open, for a call."""
    keys = account if account.provider_id is None else session.get_one(MerchantAccount, account.provider_id)
    if keys.private_key_sealed is None or keys.api_key_sealed is None:  # the database does not let it be
        raise Conflict(AT_THE_STATION, code="pay_at_station")
    return Merchant(
        mchid=keys.mchid or "",
        appid=keys.appid or "",
        certificate_serial=keys.certificate_serial or "",
        private_key=vault.open(keys.private_key_sealed, PRIVATE_KEY),
        api_key=vault.open(keys.api_key_sealed, API_KEY),
        public_key_id=keys.public_key_id,
        public_key=keys.public_key,
        sub_mchid=account.sub_mchid,
        sub_appid=account.sub_appid,
    )
