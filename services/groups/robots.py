"""Registering a group's robot, switching it off and on again, and how each group does."""

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from models import Channel, GroupBinding, OutboxMessage
from services import access, audit
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.groups import switching
from services.groups.pacing import IN_QUEUE
from services.groups.switching import ROBOT_GONE
from services.vault import Vault

SEAL = "group.robot_key"
GROUP_MISSING = "没有找到这个群，或者它不归您管。请从群的名单里点开。"
BAD_KEY = "这不像群机器人的地址。请在群里点开机器人，把它的 Webhook 地址整条复制过来。"
MANY = 20
"""So many waiting messages are worth a word."""

_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")


@dataclass(frozen=True)
class GroupState:
    """How a group does, in words for whoever looks after it."""

    id: int
    name: str
    is_on: bool
    state: str
    last_ok_at: dt.datetime | None
    waiting: int
    advice: str


def key_of(address: str) -> str:
    """Return the key in a robot's address, or the key itself.  Raises ``InvalidInput``."""
    given = address.strip()
    if "/" in given:
        given = (parse_qs(urlsplit(given).query).get("key") or [""])[0]
    if not _KEY.fullmatch(given):
        raise InvalidInput(BAD_KEY, code="bad_robot_address", errors={"address": [BAD_KEY]})
    return given


def add(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    name: str,
    address: str,
    vault: Vault,
    now: dt.datetime,
) -> GroupBinding:
    """Let a group hear of a neighborhood's tickets through its robot.

    No actor is the operator's command line.  Raises ``Conflict`` for a robot that is registered and on.
    """
    if actor is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
    key = key_of(address)
    _check_is_new(session, key, vault)
    group = GroupBinding(
        neighborhood_id=neighborhood_id, name=name, robot_key_sealed=vault.seal(key, SEAL), created_at=now
    )
    session.add(group)
    session.flush()
    audit.note_on(session, actor, group, "group.add", now, {})
    return group


def switch_off(session: Session, *, actor: Actor | None, group_id: int, reason: str, now: dt.datetime) -> GroupBinding:
    """Stop speaking in a group.  What waits for it ends; off already stays as it is."""
    group = of(session, actor, group_id)
    if switching.switch_off(session, group_id, why=reason, now=now):
        audit.note_on(session, actor, group, "group.switch_off", now, {}, reason)
    return group


def switch_on(
    session: Session, *, actor: Actor | None, group_id: int, address: str | None, vault: Vault, now: dt.datetime
) -> GroupBinding:
    """Speak in a group again; ``address`` is that of its new robot, where it has another one.

    Raises ``Conflict`` when the old robot was removed and no new one is named, or the robot is another group's.
    """
    group = of(session, actor, group_id)
    if address is None and group.switched_off_why == ROBOT_GONE:
        raise Conflict(
            "原来的机器人已经不在群里了，要填新机器人的地址。", code="robot_address_needed", state=ROBOT_GONE
        )
    if address is not None:
        key = key_of(address)
        _check_is_new(session, key, vault, but=group_id)
        group.robot_key_sealed = vault.seal(key, SEAL)
    group.switched_off_at = group.switched_off_why = None
    group.failing_since = group.last_error = group.next_turn_at = None
    audit.note_on(session, actor, group, "group.switch_on", now, {"new_robot": address is not None})
    return group


def of(session: Session, actor: Actor | None, group_id: int) -> GroupBinding:
    """Return a group of a neighborhood that is the actor's business; the command line reaches all."""
    group = session.get(GroupBinding, group_id)
    if group is None:
        raise NotFound(GROUP_MISSING, code="group_not_found")
    if actor is not None:
        try:
            access.neighborhood_for(session, actor, group.neighborhood_id)
        except NotFound:
            raise NotFound(GROUP_MISSING, code="group_not_found") from None
    return group


def listing(session: Session, *, actor: Actor | None, neighborhood_id: int | None) -> list[GroupState]:
    """Return how each group of a neighborhood does, or for the command line of all neighborhoods."""
    if actor is not None and neighborhood_id is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
    waiting = (
        sa.select(sa.func.count())
        .where(
            OutboxMessage.channel == Channel.ROBOT,
            OutboxMessage.state.in_(IN_QUEUE),
            OutboxMessage.subject_id == GroupBinding.id,
        )
        .scalar_subquery()
    )
    query = sa.select(GroupBinding, waiting.label("waiting")).order_by(GroupBinding.id)
    if neighborhood_id is not None:
        query = query.where(GroupBinding.neighborhood_id == neighborhood_id)
    return [state_of(group, count) for group, count in session.execute(query)]


def state_of(group: GroupBinding, waiting: int) -> GroupState:
    """Say how a group does and what to do about it."""
    state, advice = _words(group, waiting)
    is_on = group.switched_off_at is None
    return GroupState(group.id, group.name, is_on, state, group.last_ok_at, waiting, advice)


def _words(group: GroupBinding, waiting: int) -> tuple[str, str]:
    if group.switched_off_why == ROBOT_GONE:
        return "停用：机器人被移出了群", "请在群里重新添加机器人，把它的 Webhook 地址填在这里，再打开。"
    if group.switched_off_at is not None:
        return f"停用：{group.switched_off_why}", "要恢复，点“打开”就行。停用期间的消息不会补发，收件箱里都有。"
    if group.failing_since is not None:
        local = group.failing_since.astimezone(SHANGHAI)
        since = f"{local.month}月{local.day}日 {local:%H:%M}"
        return f"从{since}起发不出去", "消息都留着，会自己再试。过一小时还这样，请让管理员检查服务器的网络。"
    if waiting > MANY:
        return "正常，消息比较多", "机器人一分钟最多发20条，正在按先后发，不用管。"
    if group.last_ok_at is None:
        return "还没有发过", "可以请管理员试发一条：flask group try。"
    return "正常", "不用管。"


def _check_is_new(session: Session, key: str, vault: Vault, *, but: int | None = None) -> None:
    """Refuse a robot that speaks already: its twenty posts a minute are counted for one group."""
    rows = session.execute(
        sa.select(GroupBinding.id, GroupBinding.name, GroupBinding.robot_key_sealed).where(
            GroupBinding.switched_off_at.is_(None)
        )
    )
    for group_id, name, sealed in rows:
        try:
            taken = vault.open(sealed, SEAL) == key
        except (KeyError, InvalidTag):
            continue  # one that cannot be read cannot be compared; it cannot speak either
        if taken and group_id != but:
            raise Conflict(f"这个机器人已经登记给“{name}”了。一个机器人只登记一次。", code="robot_taken", state="on")
