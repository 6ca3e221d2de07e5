"""Appointing, extending and ending: who holds which role at which node, from when, until when, by whom and why."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import EndReason, Membership, OrgUnit, Person, Position, Role
from services import access, audit, rights
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.org import conflicts, handovers, telling
from services.org.handover_items import Item
from services.org.offices import (
    WITH_A_SEAT,
    Post,
    check_dates,
    check_free,
    check_giver,
    check_place,
    role_of,
)
from services.org.persons import Who, person_for
from services.permissions import ROLE_NAMES
from services.vault import Vault

REASON_LEAST = 4


def appoint(
    session: Session,
    *,
    actor: Actor | None,
    who: Who,
    post: Post,
    vault: Vault,
    now: dt.datetime,
    conflict_reason: str | None = None,
) -> Membership:
    """Give somebody a role at a node.

    Raises ``InvalidInput`` for a role that is not held there, ``WrongHat`` for one that is not the actor's to give,
    ``Conflict`` when the person has it already, or when a rule speaks against it and no reason is written.
    """
    unit = access.unit_for(session, actor, post.unit_id, change=True)
    role = role_of(session, unit, post)
    if role in WITH_A_SEAT:
        raise InvalidInput(f"{ROLE_NAMES[role]}要在届次或议事会的席位里登记，不在这里任命。", code="role_with_a_seat")
    check_giver(actor, role)
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    if actor is not None and person.id == actor.person_id:
        raise Conflict("不能给自己任命。请上一级来任命。", code="own_appointment")
    return hold(session, actor=actor, person=person, unit=unit, role=role, post=post, now=now, why=conflict_reason)


def hold(
    session: Session,
    *,
    actor: Actor | None,
    person: Person,
    unit: OrgUnit,
    role: Role,
    post: Post,
    now: dt.datetime,
    why: str | None,
) -> Membership:
    """Write a membership with everything that goes with it; who may give it is decided by the caller."""
    starts_at = post.starts_at or now
    check_dates(starts_at, post.ends_at, now)
    check_place(role, unit)
    check_free(session, person.id, unit, role, starts_at, post.ends_at)
    rules = conflicts.flags(session, person_id=person.id, fact=conflicts.fact_of(role, unit), now=now)
    if rules and len((why or "").strip()) < REASON_LEAST:
        raise Conflict(
            f"{''.join(rule.why for rule in rules)}如果还是要任命，请写明理由。",
            code="conflict_of_interest",
            conflicts=[{"code": rule.code, "why": rule.why, "source": rule.source} for rule in rules],
        )
    membership = Membership(
        person_id=person.id,
        unit_id=unit.id,
        role=role,
        position_id=post.position_id,
        starts_at=starts_at,
        ends_at=post.ends_at,
        appointed_by_id=actor.person_id if actor else None,
    )
    session.add(membership)
    session.flush()
    by = actor.person_id if actor else None
    conflicts.accept(
        session, membership_id=membership.id, rules=rules, reason=(why or "").strip(), accepted_by_id=by, now=now
    )
    _note(session, actor, membership, unit, "membership.started", now, {"conflicts": [rule.code for rule in rules]})
    _tell(session, membership, unit, now)
    return membership


def extend(
    session: Session, *, actor: Actor | None, membership_id: int, ends_at: dt.datetime | None, now: dt.datetime
) -> Membership:
    """Let a membership that has not ended last until another day, or without an end.  Raises ``Conflict`` after its end."""
    membership, unit = membership_for(session, actor, membership_id)
    check_giver(actor, membership.role)
    if membership.role in WITH_A_SEAT:
        raise Conflict("这个身份跟着届次或席位走。请去改届次或席位。", code="role_with_a_seat")
    if _is_over(membership, now):
        raise Conflict("这个任期已经结束了。要再任，请重新任命。", code="membership_over")
    check_dates(membership.starts_at, ends_at, now)
    former, membership.ends_at = membership.ends_at, ends_at
    _note(session, actor, membership, unit, "membership.extended", now, {"ends_at": [_iso(former), _iso(ends_at)]})
    _tell(session, membership, unit, now)
    return membership


def end(
    session: Session,
    *,
    actor: Actor | None,
    membership_id: int,
    reason: EndReason,
    now: dt.datetime,
    vault: Vault,
    successor: Who | None = None,
    conflict_reason: str | None = None,
) -> Membership:
    """End a membership now, and write the list of what is to be handed over; a successor gets the same post at once.

    Whatever is still open, the right ends.  Returns the membership that has ended.
    """
    membership, unit = membership_for(session, actor, membership_id)
    check_giver(actor, membership.role)
    if membership.role in WITH_A_SEAT:
        raise Conflict("这个身份跟着届次或席位走。请在届次或席位里办理。", code="role_with_a_seat")
    if _is_over(membership, now):
        raise Conflict("这个任期已经结束了，不用再办。", code="membership_over")
    person = person_for(session, actor=actor, who=successor, vault=vault, now=now) if successor else None
    if person is not None and person.id == membership.person_id:
        raise InvalidInput("接任的人不能就是离任的人。请另选一位。", code="successor_same")
    release(session, actor=actor, membership=membership, unit=unit, reason=reason, now=now, to_person=person)
    if person is not None:
        post = Post(unit.id, membership.role, membership.position_id)
        hold(
            session,
            actor=actor,
            person=person,
            unit=unit,
            role=membership.role,
            post=post,
            now=now,
            why=conflict_reason,
        )
    return membership


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
    _note(session, actor, membership, unit, "membership.ended", now, {"reason": reason.value})
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


def membership_for(session: Session, actor: Actor | None, membership_id: int) -> tuple[Membership, OrgUnit]:
    """Return a membership at or below the actor's node, locked, and its unit.  Raises ``NotFound``."""
    row = session.execute(
        sa.select(Membership, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Membership.id == membership_id)
        .with_for_update(of=Membership)
    ).one_or_none()
    if row is None or not (actor is None or actor.stands_above(row[1].path)):
        raise NotFound("没有找到这条任职。请从任职名单里选。", code="membership_not_found")
    return row[0], row[1]


def title_of(session: Session, membership: Membership) -> str:
    """Return what a membership is called: its position's title, or its role's name."""
    position = session.get(Position, membership.position_id) if membership.position_id else None
    return position.title if position else ROLE_NAMES[membership.role]


def _is_over(membership: Membership, now: dt.datetime) -> bool:
    return membership.ends_at is not None and membership.ends_at <= now


def _tell(session: Session, membership: Membership, unit: OrgUnit, now: dt.datetime) -> None:
    rights.changed(session, person_ids=[membership.person_id], now=now)
    until = f"，到{_day(membership.ends_at)}为止" if membership.ends_at else ""
    telling.tell(
        session,
        person_id=membership.person_id,
        unit=unit,
        title="任职通知",
        body=(
            f"您在{unit.name}担任“{title_of(session, membership)}”，从{_day(membership.starts_at)}起{until}。"
            "请在“我的身份”里切换使用。如果有误，请联系社区。"
        ),
        key=f"membership.held:{membership.id}:{_iso(membership.ends_at)}",
        now=now,
    )


def _note(
    session: Session,
    actor: Actor | None,
    membership: Membership,
    unit: OrgUnit,
    action: str,
    now: dt.datetime,
    detail: dict[str, object],
) -> None:
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=("membership", membership.id),
        neighborhood_id=unit.neighborhood_id,
        about_person_id=membership.person_id,
        detail={"unit_id": unit.id, "role": membership.role.value, "position_id": membership.position_id, **detail},
    )


def _iso(when: dt.datetime | None) -> str | None:
    return when.isoformat() if when else None


def _day(when: dt.datetime) -> str:
    local = when.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"
