"""What a place allows: how long, for how many voters, in which words.  Days are Asia/Shanghai."""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ActingArea, Mandate, MandateArea, MandateConsent, MandateRule, MandateText, Person
from services.acting import counts, works_somewhere
from services.areas import AREA_NAMES
from services.clocks import DAY, SHANGHAI, local_day
from services.errors import Conflict, InvalidInput

FIRST_DAY = dt.date(2020, 1, 1)
"""Nothing was written down before."""


def rule_for(session: Session, neighborhood_id: int, now: dt.datetime) -> MandateRule:
    """Return the rule in force; a neighborhood's own comes before the general one."""
    on = max(local_day(now), FIRST_DAY)
    return session.scalars(
        sa.select(MandateRule)
        .where(
            sa.or_(MandateRule.neighborhood_id == neighborhood_id, MandateRule.neighborhood_id.is_(None)),
            MandateRule.since <= on,
            sa.or_(MandateRule.until.is_(None), MandateRule.until > on),
        )
        .order_by(MandateRule.neighborhood_id.is_(None), MandateRule.since.desc())
        .limit(1)
    ).one()


def texts(session: Session, now: dt.datetime) -> dict[MandateConsent, MandateText]:
    """Return the words in force for each way to say yes."""
    rows = session.scalars(
        sa.select(MandateText)
        .where(MandateText.since <= max(local_day(now), FIRST_DAY))
        .order_by(MandateText.consent, MandateText.version)
    )
    return {row.consent: row for row in rows}  # the newest version is the last of its kind


def words(session: Session, text_id: int) -> str:
    """Return the words of a text."""
    return session.get_one(MandateText, text_id).words


def period(rule: MandateRule, until: dt.date | None, now: dt.datetime) -> dt.datetime:
    """Return when a mandate ends: at midnight after its last day.  Raises ``InvalidInput`` beyond the rule."""
    today = local_day(now)
    last = until or today + rule.usual_days * DAY
    if not today < last <= today + rule.most_days * DAY:
        said = f"请写到哪一天为止，要晚于今天，最长{rule.most_days}天。"
        raise InvalidInput(said, code="dates_invalid", errors={"until": [said]}, source=rule.source)
    return dt.datetime.combine(last + DAY, dt.time(), SHANGHAI).astimezone(dt.UTC)


def check_areas(
    session: Session,
    rule: MandateRule,
    areas: Collection[ActingArea],
    consent: MandateConsent,
    principal_id: int,
    now: dt.datetime,
) -> None:
    """Raise ``InvalidInput`` for no area at all, and for one that cannot be given like this."""
    if not areas:
        raise _wrong("请至少选一件要代办的事。", "areas_missing")
    if ActingArea.VOTES in areas and consent is MandateConsent.SPOKEN and not rule.votes_by_word:
        raise _wrong(
            "代投票要有书面的委托：请本人在手机上点，或者在纸上签字，再拍照上传。",
            "votes_in_writing",
            source=rule.source,
        )
    if ActingArea.MESSAGES in areas and works_somewhere(session, principal_id, now):
        raise _wrong(
            f"委托人在这里有工作，消息里有别人的事，不能交给别人看。请去掉“{AREA_NAMES[ActingArea.MESSAGES]}”。",
            "messages_of_work",
        )


def check_votes(
    session: Session,
    rule: MandateRule,
    *,
    agent_id: int,
    principal_id: int,
    areas: Collection[ActingArea],
    now: dt.datetime,
) -> None:
    """Raise ``Conflict`` when an agent would vote for more principals than the rule allows.

    The agent's row is locked until the commit: two principals cannot both be the last one.
    """
    if ActingArea.VOTES not in areas:
        return
    session.execute(sa.select(Person.id).where(Person.id == agent_id).with_for_update())
    others = session.scalar(
        sa.select(sa.func.count(sa.distinct(Mandate.principal_id)))
        .join(MandateArea, sa.and_(MandateArea.mandate_id == Mandate.id, MandateArea.area == ActingArea.VOTES))
        .where(Mandate.agent_id == agent_id, Mandate.principal_id != principal_id, counts(now))
    )
    if (others or 0) >= rule.votes_most:
        raise Conflict(
            f"一个人最多替{rule.votes_most}个人投票，对方已经满了。请去掉“投票”，或者换一个人来投。",
            code="votes_cap",
            source=rule.source,
        )


def _wrong(said: str, code: str, **facts: str) -> InvalidInput:
    return InvalidInput(said, code=code, errors={"areas": [said]}, **facts)
