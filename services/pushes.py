"""What WeChat tells us by itself: kept at once, answered, and acted upon later by the worker.

A push is known by its content (it holds the sender and the moment), so that one which comes again, after whatever restart,
changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from models import Channel, Membership, PushEvent, PushState, Role, table_of
from services import accounts, grants, inbox
from services.clocks import local_day
from services.content import checking
from services.outbox import enqueue, insert_once
from services.ports import Push
from services.privacy import erasure
from services.terms import in_force
from services.vault import Vault

log = structlog.get_logger(__name__)

LABEL = "push_event.payload"
TOPIC = "push"
KEPT = dt.timedelta(days=30)
PATIENCE = dt.timedelta(minutes=10)
"""How long a result about something unknown is kept: our own commit may still be under way."""
EVENT_LETTERS = 64

PHONE = "8"
OFFICERS = (Role.DISTRICT_OFFICER, Role.SUBDISTRICT_OFFICER, Role.COMMUNITY_OFFICER, Role.STATION_MANAGER)
TRADE = {
    "trade_manage_remind_access_api": (
        "微信提醒：小程序要接入“发货信息管理”，不接会影响收款到账。请管理员登录微信公众平台办理。"
    ),
    "trade_manage_remind_shipping": (
        "微信提醒：有一笔收款超过48小时没有上传服务完成信息，到账会推迟。请管理员登录微信公众平台处理。"
    ),
    "trade_manage_order_settlement": "微信通知：有一笔收款结算了，或者就要结算。请管账员在微信商户平台核对。",
    "wxa_trade_controlled": "微信通知：小程序的收款受到限制。请管理员尽快登录微信公众平台查看原因并处理。",
    "wxa_punish_event": "微信通知：小程序有违规处罚。请管理员尽快登录微信公众平台查看原因，可以申诉。",
}
"""What the operator reads about trade management and penalties (小程序文档：发货信息管理服务, 小程序违规处罚信息通知)."""


class NotYet(Exception):
    """What the push is about is not there, perhaps not yet."""


@dataclass(frozen=True)
class Surroundings:
    """What acting upon a push needs to know."""

    appid: str
    kinds: Mapping[str, str]
    """Our kinds of message by template id."""
    moment: dt.datetime


def keep(session: Session, push: Push, *, vault: Vault, now: dt.datetime) -> bool:
    """Keep a push and have the worker act upon it; return false for one that has come before."""
    content = orjson.dumps(dict(push.fields), option=orjson.OPT_SORT_KEYS).decode()
    push_id = session.scalar(
        insert_once(session, table_of(PushEvent)).returning(table_of(PushEvent).c.id),
        {
            "key": vault.fingerprint(content, LABEL),
            "event": push.event[:EVENT_LETTERS],
            "payload_sealed": vault.seal(content, LABEL),
            "state": PushState.WAITING,
            "received_at": now,
        },
    )
    if push_id is None:
        return False
    enqueue(session, channel=Channel.PUSH, topic=TOPIC, dedupe_key=f"push:{push_id}", subject_id=push_id, now=now)
    return True


def handle(
    session: Session, push_id: int, *, read: Callable[[Mapping[str, Any]], Push], vault: Vault, about: Surroundings
) -> None:
    """Act upon a push.  Raises ``NotYet`` when it should be tried again a little later."""
    event = session.get_one(PushEvent, push_id, with_for_update=True)
    if event.state is not PushState.WAITING or event.payload_sealed is None:
        return
    push = read(orjson.loads(vault.open(event.payload_sealed, LABEL)))
    act = ACTIONS.get(push.event)
    outcome = act(session, push, about) if act else None
    if outcome is None and act and about.moment - event.received_at < PATIENCE:
        raise NotYet
    event.state = PushState.DONE if outcome else PushState.IGNORED
    event.outcome = outcome or ("unknown_subject" if act else "unknown_event")
    event.handled_at = about.moment
    if push.event not in TRADE:
        event.payload_sealed = None  # trade notices are kept: money may have to be traced
    log.info("push.handled", push_event=push.event, outcome=event.outcome)


def last_heard(session: Session, *, but_not: str) -> dt.datetime | None:
    """Return when WeChat last told us something; ``but_not`` names the event by which we try out the address ourselves."""
    return session.scalar(sa.select(sa.func.max(PushEvent.received_at)).where(PushEvent.event != but_not))


def forget_old(session: Session, *, now: dt.datetime) -> int:
    """Drop pushes after a month; WeChat repeats none after minutes."""
    session.execute(
        sa.delete(PushEvent).where(
            PushEvent.received_at < now - KEPT, PushEvent.state != PushState.WAITING, PushEvent.event.not_in(TRADE)
        )
    )
    return 0


def _popup(session: Session, push: Push, about: Surroundings) -> str | None:
    """The person answered the question for subscriptions (小程序文档：订阅消息)."""
    return _each(session, push, about, "accept")


def _changed(session: Session, push: Push, about: Surroundings) -> str | None:
    """The person changed subscriptions in WeChat's settings; WeChat tells only of those switched off."""
    return _each(session, push, about, "")


def _each(session: Session, push: Push, about: Surroundings, accept: str) -> str | None:
    account_id = grants.account_of(session, appid=about.appid, openid=push.openid)
    if account_id is None:
        return None
    counted = 0
    for item in push.items:
        kind = about.kinds.get(str(item.get("TemplateId")))
        answer = str(item.get("SubscribeStatusString"))
        if kind is None or answer not in {"accept", "reject"}:
            continue
        counted += 1
        if accept:
            grants.heard(session, account_id=account_id, kind=kind, accepted=answer == accept, now=about.moment)
        elif answer == "reject":
            grants.switched_off(session, account_id=account_id, kind=kind, now=about.moment)
    return f"counted_{counted}"


def _sent(_session: Session, push: Push, _about: Surroundings) -> str:
    """A message arrived, or WeChat's own machinery failed after it had taken it: nothing that we could do about."""
    failed = [str(item.get("ErrorCode")) for item in push.items if str(item.get("ErrorCode", "0")) != "0"]
    for code in failed:
        log.warning("push.message_not_delivered", errcode=code)
    return "not_delivered" if failed else "delivered"


def _media(session: Session, push: Push, about: Surroundings) -> str | None:
    return checking.heard(session, push.fields, now=about.moment)


def _revoked(session: Session, push: Push, about: Surroundings) -> str | None:
    """The person took something back: a phone number is forgotten, of the rest we keep nothing that came from WeChat."""
    account_id = _account_named(session, push, about)
    if account_id is None:
        return None
    if PHONE not in str(push.fields.get("RevokeInfo", "")).replace("，", ",").split(","):
        return "nothing_of_that"
    accounts.forget_phone(session, account_id=account_id, now=about.moment)
    return "phone_forgotten"


def _cancelled(session: Session, push: Push, about: Surroundings) -> str | None:
    """The person closed their WeChat account altogether: the rights desk takes it from here."""
    openid = str(push.fields.get("OpenID") or push.openid)
    opened = erasure.requested_by_wechat(session, openid=openid, now=about.moment, appid=about.appid)
    return "deletion_requested" if opened else None


def _account_named(session: Session, push: Push, about: Surroundings) -> int | None:
    # The sender of these is a service of WeChat; the person is named inside (小程序文档：授权用户信息变更).
    return grants.account_of(session, appid=about.appid, openid=str(push.fields.get("OpenID") or push.openid))


def _trade(session: Session, push: Push, about: Surroundings) -> str:
    """Tell whoever runs the mini-program: its highest officers, for it is one for all neighborhoods."""
    for role in OFFICERS:
        people = session.scalars(
            sa.select(Membership.person_id)
            .where(Membership.role == role, in_force(Membership.starts_at, Membership.ends_at, about.moment))
            .distinct()
        ).all()
        for person_id in people:
            inbox.put(
                session,
                person_id=person_id,
                neighborhood_id=None,
                title="微信平台的通知",
                body=TRADE[push.event],
                dedupe_key=f"push.trade:{push.event}:{local_day(about.moment)}",
                now=about.moment,
            )
        if people:
            return "told"
    return "nobody_to_tell"


ACTIONS: Mapping[str, Callable[[Session, Push, Surroundings], str | None]] = {
    "subscribe_msg_popup_event": _popup,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _sent,
    "wxa_media_check": _media,
    "user_authorization_revoke": _revoked,
    "user_authorization_cancellation": _cancelled,
    **dict.fromkeys(TRADE, _trade),
}
