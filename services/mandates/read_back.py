"""The monthly read-back: each principal hears what was done in their name, in the inbox or by a call of the station.

On the first of a month (Asia/Shanghai) a job looks at the month before.  Due work is rows: one read-back per mandate and
month, so a job that was missed finds the same mandates the next time, and one that runs twice finds none.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AuditEntry, Mandate, Person, ReadBack, ReadBackMeans, TicketEvent, WeChatAccount
from services import inbox
from services.areas import RELATION_NAMES
from services.clocks import DAY, SHANGHAI, local_day
from services.mandates import acts
from services.mandates.acts import Act
from services.org.persons import name_of

BATCH = 100
FROM_HOUR = 8
"""Nobody is woken up by it."""
MONTHS_BACK = 2
"""A worker that was away over the first of a month still catches up."""
LINES_MOST = 30
BODY_MOST = 1_900


def month_of(day: dt.date) -> str:
    """Return the month of a day: 2026-11."""
    return f"{day:%Y-%m}"


def month_before(month: str) -> str:
    """Return the month before: of January, December of the last year."""
    return month_of(_first_day(month) - DAY)


def bounds(month: str) -> tuple[dt.datetime, dt.datetime]:
    """Return when a month begins and ends in Shanghai, in aware UTC."""
    first = _first_day(month)
    after = (first + 31 * DAY).replace(day=1)
    return _midnight(first), _midnight(after)


def spoken_month(month: str) -> str:
    """Return a month as people say it: 2026年11月."""
    first = _first_day(month)
    return f"{first.year}年{first.month}月"


def read_back(session: Session, *, now: dt.datetime) -> int:
    """Tell principals what was done for them in the months before this one; return how many were told."""
    local = now.astimezone(SHANGHAI)
    if local.day == 1 and local.hour < FROM_HOUR:
        return 0
    month, told = month_of(local_day(now)), 0
    for _ in range(MONTHS_BACK):
        month = month_before(month)
        told += _read_back_month(session, month, now)
    return told


def _read_back_month(session: Session, month: str, now: dt.datetime) -> int:
    since, until = bounds(month)
    mandates = _due(session, month, since, until)
    done = acts.by_mandates(session, [mandate.id for mandate, _ in mandates], since=since, until=until)
    for mandate, has_phone in mandates:
        means = ReadBackMeans.INBOX if has_phone else ReadBackMeans.CALL
        row = ReadBack(
            neighborhood_id=mandate.neighborhood_id,
            mandate_id=mandate.id,
            principal_id=mandate.principal_id,
            month=month,
            means=means,
            acts=len(done[mandate.id]),
            created_at=now,
            tries=0,
        )
        session.add(row)
        if has_phone:
            _tell(session, mandate, month, done[mandate.id], now)
    session.flush()
    return len(mandates)


def _due(session: Session, month: str, since: dt.datetime, until: dt.datetime) -> Sequence[tuple[Mandate, bool]]:
    """Return mandates by which something was done and that were not read back, each with whether WeChat reaches them."""
    on_tickets, elsewhere = acts.within(since, until)
    has_phone = sa.exists().where(WeChatAccount.person_id == Mandate.principal_id)
    rows = session.execute(
        sa.select(Mandate, has_phone)
        .where(
            Mandate.agent_id.is_not(None),
            sa.or_(
                sa.exists(sa.select(TicketEvent.id).where(on_tickets)),
                sa.exists(sa.select(AuditEntry.id).where(elsewhere)),
            ),
            ~sa.exists().where(ReadBack.mandate_id == Mandate.id, ReadBack.month == month),
        )
        .order_by(Mandate.id)
        .limit(BATCH)
    )
    return [(mandate, bool(reached)) for mandate, reached in rows]


def _tell(session: Session, mandate: Mandate, month: str, done: Sequence[Act], now: dt.datetime) -> None:
    agent = session.get_one(Person, mandate.agent_id)
    head = f"{spoken_month(month)}，{name_of(agent)}（{RELATION_NAMES[mandate.relation]}）替您办了{len(done)}件事："
    end = "没有问题就点“知道了”；有不清楚的，点“有疑问”，或者打电话给服务站。"
    inbox.put(
        session,
        person_id=mandate.principal_id,
        neighborhood_id=mandate.neighborhood_id,
        title="上个月谁替您办了什么",
        body=f"{head}{listed(done, BODY_MOST - len(head) - len(end))}{end}",
        dedupe_key=f"read_back:{mandate.id}:{month}",
        page="/me/mandates",
        now=now,
    )


def listed(done: Sequence[Act], most: int) -> str:
    """Return acts as numbered sentences that fit into so many characters; what does not fit is counted."""
    text, shown = "", 0
    for number, act in enumerate(done[:LINES_MOST], start=1):
        sentence = f"{number}，{act}。"
        if len(text) + len(sentence) > most:
            break
        text, shown = text + sentence, number
    left = len(done) - shown
    return f"{text}还有{left}件，请在“我的代办”里看。" if left else text


def _first_day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI).astimezone(dt.UTC)
