"""Appointing, extending and ending: who holds which role at which node, from when, until when, by whom and why."""

import datetime as dt

from sqlalchemy.orm import Session

from models import EndReason, Membership, OrgUnit, Person, Role
from services import access, rights
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.org import conflicts, ending, telling
from services.org.memberships import day, is_over, iso, membership_for, note, title_of
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
    note(session, actor, membership, unit, "membership.started", now, {"conflicts": [rule.code for rule in rules]})
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
    if is_over(membership, now):
        raise Conflict("这个任期已经结束了。要再任，请重新任命。", code="membership_over")
    check_dates(membership.starts_at, ends_at, now)
    former, membership.ends_at = membership.ends_at, ends_at
    note(session, actor, membership, unit, "membership.extended", now, {"ends_at": [iso(former), iso(ends_at)]})
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
    if is_over(membership, now):
        raise Conflict("这个任期已经结束了，不用再办。", code="membership_over")
    person = person_for(session, actor=actor, who=successor, vault=vault, now=now) if successor else None
    if person is not None and person.id == membership.person_id:
        raise InvalidInput("接任的人不能就是离任的人。请另选一位。", code="successor_same")
    ending.release(session, actor=actor, membership=membership, unit=unit, reason=reason, now=now, to_person=person)
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


def _tell(session: Session, membership: Membership, unit: OrgUnit, now: dt.datetime) -> None:
    rights.changed(session, person_ids=[membership.person_id], now=now)
    until = f"，到{day(membership.ends_at)}为止" if membership.ends_at else ""
    telling.tell(
        session,
        person_id=membership.person_id,
        unit=unit,
        title="任职通知",
        body=(
            f"您在{unit.name}担任“{title_of(session, membership)}”，从{day(membership.starts_at)}起{until}。"
            "请在“我的身份”里切换使用。如果有误，请联系社区。"
        ),
        key=f"membership.held:{membership.id}:{iso(membership.ends_at)}",
        now=now,
    )
