"""A person's WeChat account: its phone number, taking it off, and what WeChat asks us to forget.

Asking WeChat for a number costs money, so it is counted per month and stops at a cap; typing it in always works.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Person, PhoneLookups, SignIn, WeChatAccount, table_of
from services import audit, grants, people, rights
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, GatewayError, InvalidInput
from services.outbox import insert_for
from services.ports import LoginGateway
from services.vault import Vault, normal_phone

LOOKUPS = table_of(PhoneLookups)
BY_HAND = "请点“手动填写”，自己输入手机号，一样能用。"
SESSION_KEY = "wechat.session_key"


def begin_lookup(session: Session, *, appid: str, cap: int, now: dt.datetime) -> str:
    """Count a look-up before it is made; return its month.

    Raises ``Conflict`` (``phone_cap_reached``) when the month's number is used up.
    """
    month = now.astimezone(SHANGHAI).strftime("%Y-%m")
    session.execute(
        insert_for(session, LOOKUPS).values(appid=appid, month=month, used=0, got=0).on_conflict_do_nothing()
    )
    counted = session.scalar(
        sa.update(LOOKUPS)
        .where(LOOKUPS.c.appid == appid, LOOKUPS.c.month == month, LOOKUPS.c.used < cap)
        .values(used=LOOKUPS.c.used + 1)
        .returning(LOOKUPS.c.used)
    )
    if counted is None:
        raise Conflict(f"这个月从微信取手机号的次数用完了。{BY_HAND}", code="phone_cap_reached")
    return month


def end_lookup(session: Session, *, appid: str, month: str, got: bool) -> None:
    """Write down how a look-up ended: WeChat charges for numbers only, so one without does not count."""
    change = {"got": LOOKUPS.c.got + 1} if got else {"used": LOOKUPS.c.used - 1}
    session.execute(sa.update(LOOKUPS).where(LOOKUPS.c.appid == appid, LOOKUPS.c.month == month).values(**change))


def keep_phone(session: Session, *, actor: Actor, phone: str, vault: Vault) -> Person:
    """Give the actor the number that WeChat vouches for.  Raises ``InvalidInput`` for one that cannot be one."""
    normal = normal_phone(phone)
    if normal is None:
        raise InvalidInput(f"微信给的号码不对。{BY_HAND}", code="phone_invalid")
    _own_account(actor)
    person = people.me(session, actor=actor)
    people.set_phone(person, normal, vault)
    return person


def session_of(session: Session, *, actor: Actor, vault: Vault) -> tuple[str, str]:
    """Return openid and session key of the actor's account, for opening what the client got from WeChat.

    Raises ``Conflict`` (``wechat_session_ended``) when there is no key (any more).
    """
    account = session.get_one(WeChatAccount, _own_account(actor))
    if account.session_key_sealed is None:
        raise session_ended()
    return account.openid, vault.open(account.session_key_sealed, SESSION_KEY)


def session_ended() -> Conflict:
    """Return the refusal of somebody whose session WeChat has ended: the client signs in anew."""
    return Conflict("登录已过期，请关掉小程序再打开一次。", code="wechat_session_ended")


def unbind(session: Session, *, actor: Actor, vault: Vault, now: dt.datetime) -> tuple[str, str] | None:
    """Take the actor's WeChat account off the person: its sign-ins end, its openid and grants are forgotten.

    The person, homes and history stay; the same WeChat signing in again is a newcomer.  Returns openid and session key, if
    there was one, so that WeChat can be asked to make the key worthless.
    """
    account = session.get_one(WeChatAccount, _own_account(actor), with_for_update=True)
    former = (
        (account.openid, vault.open(account.session_key_sealed, SESSION_KEY)) if account.session_key_sealed else None
    )
    grants.unbound(session, account_id=account.id, now=now)
    account.openid, account.unionid, account.session_key_sealed = f"unbound:{account.id}", None, None
    account.unbound_at = now
    session.execute(
        sa.update(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )
    rights.changed(session, person_ids=[account.person_id], now=now)
    audit.note(
        session,
        actor=actor,
        now=now,
        action="wechat.unbound",
        subject=("wechat_account", account.id),
        about_person_id=account.person_id,
    )
    return former


def forget_key(login: LoginGateway, former: tuple[str, str] | None) -> None:
    """Have WeChat replace a session key that we no longer keep.  That it does not answer changes nothing for the person."""
    if former is None:
        return
    try:
        login.reset(*former)
    except GatewayError:
        return


def forget_phone(session: Session, *, account_id: int, now: dt.datetime) -> None:
    """Do what the person told WeChat: forget the phone number and the session key (小程序文档：授权用户信息变更)."""
    account = session.get_one(WeChatAccount, account_id)
    person = session.get_one(Person, account.person_id)
    person.phone_sealed = person.phone_masked = person.phone_hash = None
    account.session_key_sealed = None
    audit.note(
        session,
        actor=None,
        now=now,
        action="wechat.phone_forgotten",
        subject=("wechat_account", account_id),
        about_person_id=person.id,
    )


def _own_account(actor: Actor) -> int:
    """Return the actor's WeChat account; somebody who acts for another person holds their own phone, not that person's."""
    if actor.agent_id is not None:
        raise Conflict("替别人办事的时候，不能动他的微信和手机号。请换回自己的身份。", code="acting_for_another")
    return actor.in_wechat()
