"""How each channel to the outside does: kept as rows, so that every process and the status page see the same."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, ChannelHealth, table_of
from services import outbox
from services.clocks import SHANGHAI
from services.errors import Misconfigured, TokenRejected, TryLater
from services.outbox import insert_for

NAMES: Mapping[Channel, str] = {
    Channel.SUBSCRIBE: "微信通知",
    Channel.ROBOT: "群机器人",
    Channel.CHECK: "内容核对",
    Channel.CARD: "群里的卡片",
    Channel.MASS: "企业微信群发",
    Channel.FILE: "删除到期照片",
    Channel.PAY: "微信支付",
    Channel.SHIPPING: "发货信息",
    Channel.CODE: "小程序码",
}
SAME_MINUTE = dt.timedelta(seconds=20)
"""A success that was just written down need not be written again: sending shall not cost a row each time."""

LONG_AWAY = dt.timedelta(minutes=10)
"""A channel that fails for less is not hurried when it opens: messages would use up their tries while it comes and goes."""

AWAY = (TryLater, TokenRejected, Misconfigured)
"""Errors that say something about the channel; a person who refused says nothing about it."""


@dataclass(frozen=True)
class Condition:
    """How a channel does, in words to be read by whoever looks after it."""

    channel: str
    ok: bool
    words: str
    last_ok_at: dt.datetime | None
    failing_since: dt.datetime | None
    last_error: str | None


def note(session: Session, channel: Channel, errors: Sequence[Exception | None], *, now: dt.datetime) -> None:
    """Write down how a batch went: one that got through, whatever the answer, shows that the channel is open.

    When it was closed for long, what waits for it goes out now and not when each message would be tried next.
    """
    if not errors:
        return
    table = table_of(ChannelHealth)
    troubles = [error for error in errors if isinstance(error, AWAY)]
    if len(troubles) < len(errors):
        since = session.scalar(sa.select(table.c.failing_since).where(table.c.channel == channel.value))
        if since is not None and now - since >= LONG_AWAY:
            outbox.hurry(session, channel=channel, errors=[kind.code for kind in AWAY], now=now)
        values = {"channel": channel.value, "last_ok_at": now, "failing_since": None, "last_error": None}
        session.execute(
            insert_for(session, table)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["channel"],
                set_={name: values[name] for name in ("last_ok_at", "failing_since", "last_error")},
                where=sa.or_(
                    table.c.last_ok_at.is_(None),
                    table.c.last_ok_at < now - SAME_MINUTE,
                    table.c.failing_since.is_not(None),
                ),
            )
        )
        return
    reason = getattr(troubles[-1], "reason", type(troubles[-1]).__name__)
    first = {"channel": channel.value, "last_failed_at": now, "failing_since": now, "last_error": reason}
    session.execute(
        insert_for(session, table)
        .values(**first)
        .on_conflict_do_update(
            index_elements=["channel"],
            set_={
                "last_failed_at": now,
                "failing_since": sa.func.coalesce(table.c.failing_since, now),
                "last_error": reason,
            },
        )
    )


def conditions(session: Session) -> list[Condition]:
    """Return how each channel does."""
    rows = {row.channel: row for row in session.scalars(sa.select(ChannelHealth))}
    return [_condition(channel, rows.get(channel.value)) for channel in NAMES]


def _condition(channel: Channel, row: ChannelHealth | None) -> Condition:
    name = NAMES[channel]
    if row is None:
        return Condition(
            channel.value, ok=True, words=f"{name}：还没有发过。", last_ok_at=None, failing_since=None, last_error=None
        )
    if row.failing_since is None:
        words = f"{name}：正常，最近一次是{_clock(row.last_ok_at)}。"
    else:
        words = (
            f"{name}：从{_clock(row.failing_since)}起发不出去，消息都留着，恢复后会接着发。报修、派单、确认照常能用。"
        )
    return Condition(channel.value, row.failing_since is None, words, row.last_ok_at, row.failing_since, row.last_error)


def _clock(moment: dt.datetime | None) -> str:
    if moment is None:
        return "以前"
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def in_trouble(found: Iterable[Condition]) -> list[Condition]:
    """Return those that do not get through."""
    return [one for one in found if not one.ok]
