"""How a membership ends: by somebody or by itself, with its handover, its line in the audit trail and a word of thanks."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from models import EndReason, Membership, OrgUnit, Person
from services import rights
from services.actors import Actor
from services.org import handovers, telling
from services.org.handover_items import Item
from services.org.memberships import note, title_of


def release(
    session: Session,
    *,
    actor: Actor | None,
    membership: Membership,
    unit: OrgUnit,
    reason: EndReason,
    now: dt.datetime,
    to_person: Person | None = None,
    further: Sequence[Item] = (),
) -> None:
    """End a membership with everything that goes with it: handover, audit, a word to the person.

    ``further`` are things to hand over that only the caller knows (``handovers.draw_up``).
    """
    begun = membership.starts_at < now
    # One that has not begun yet never was; the database wants an end after the start.
    membership.ends_at = now if begun else membership.starts_at + dt.timedelta(microseconds=1)
    membership.ended_by_id = actor.person_id if actor else None
    wanted = begun and reason is not EndReason.MISTAKE
    _wind_up(
        session,
        actor=actor,
        membership=membership,
        unit=unit,
        reason=reason,
        now=now,
        to_person=to_person,
        further=further,
        with_handover=wanted,
    )
    rights.changed(session, person_ids=[membership.person_id], now=now)


def expire(
    session: Session, *, membership: Membership, unit: OrgUnit, now: dt.datetime, further: Sequence[Item] = ()
) -> None:
    """Do for a membership that has run out by itself what is done when somebody ends one."""
    reason = EndReason.TERM_OVER
    _wind_up(
        session, actor=None, membership=membership, unit=unit, reason=reason, now=now, to_person=None, further=further
    )


def _wind_up(
    session: Session,
    *,
    actor: Actor | None,
    membership: Membership,
    unit: OrgUnit,
    reason: EndReason,
    now: dt.datetime,
    to_person: Person | None,
    further: Sequence[Item],
    with_handover: bool = True,
) -> None:
    """Write down why a membership has ended, what is to be handed over, and a word of thanks."""
    membership.end_reason = reason
    session.flush()
    handover = None
    if with_handover:
        handover = handovers.draw_up(
            session,
            membership=membership,
            unit=unit,
            reason=reason,
            to_person=to_person,
            now=now,
            further=further,
        )
    note(session, actor, membership, unit, "membership.ended", now, {"reason": reason.value})
    if reason is EndReason.DECEASED:  # nobody writes to the dead
        return
    telling.tell(
        session,
        person_id=membership.person_id,
        unit=unit,
        title="任职结束",
        body=(
            f"您在{unit.name}担任的“{title_of(session, membership)}”结束了。谢谢您的付出。"
            f"{'手上没办完的事，请在“我的交接”里一件一件交给接任的人。' if handover else '没有要交接的事。'}"
        ),
        key=f"membership.ended:{membership.id}",
        now=now,
        page="/handovers",
    )
