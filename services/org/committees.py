"""The owners' committee (业主委员会) and its stand-in: terms that do not overlap, members, empty seats, who comes next."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    CommitteeKind,
    CommitteeMember,
    CommitteePost,
    CommitteeTerm,
    EndReason,
    Membership,
    OrgUnit,
    Person,
    Role,
)
from services import audit, rights
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.org import ending, hats, records
from services.org.committee_rules import check_rule, rule_for, years_later
from services.org.handover_items import Item
from services.org.offices import Post
from services.org.persons import Who, person_for
from services.vault import Vault

KIND_NAMES: dict[CommitteeKind, str] = {CommitteeKind.OWNERS: "业主委员会", CommitteeKind.INTERIM: "物业管理委员会"}
POST_NAMES: dict[CommitteePost, str] = {
    CommitteePost.CHAIR: "主任",
    CommitteePost.VICE_CHAIR: "副主任",
    CommitteePost.MEMBER: "委员",
}
TERM_MISSING = "没有找到这一届，或者它不归您管。请从列表里选。"


def start_term(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    kind: CommitteeKind,
    starts_on: dt.date,
    seats: int,
    basis: str,
    now: dt.datetime,
    years: int | None = None,
) -> CommitteeTerm:
    """Write a term, of the usual length unless ``years`` are given.

    Raises ``InvalidInput`` beyond what the rule in force allows and ``Conflict`` when it overlaps another term.
    """
    unit = records.neighborhood_for(session, actor, neighborhood_id)
    rule = rule_for(session, neighborhood_id=unit.id, kind=kind, on=starts_on)
    years = years or rule.usual_years
    check_rule(rule, seats, years)
    ends_on = years_later(starts_on, years)
    _require_no_other(session, unit.id, starts_on, ends_on)
    number = session.scalar(
        sa.select(sa.func.max(CommitteeTerm.number)).where(
            CommitteeTerm.neighborhood_id == unit.id, CommitteeTerm.kind == kind
        )
    )
    term = CommitteeTerm(
        neighborhood_id=unit.id,
        kind=kind,
        number=(number or 0) + 1,
        seats=seats,
        starts_on=starts_on,
        ends_on=ends_on,
        planned_ends_on=ends_on,
        basis=basis.strip(),
    )
    session.add(term)
    session.flush()
    audit.note_on(
        session, actor, term, "committee_term.started", now, {"starts_on": str(starts_on), "ends_on": str(ends_on)}
    )
    return term


def join(
    session: Session,
    *,
    actor: Actor | None,
    term_id: int,
    who: Who,
    post: CommitteePost,
    vault: Vault,
    now: dt.datetime,
    conflict_reason: str | None = None,
) -> CommitteeMember:
    """Write a member of a term; the hat comes with it and ends with the term.

    Raises ``Conflict`` when no seat is free, when there is a chair already, or when the term is over.
    """
    term, unit = _term(session, actor, term_id)
    ends_at = _midnight(term.ends_on)
    if ends_at <= now:
        raise Conflict("这一届已经结束了。请在新的一届里登记。", code="term_over")
    sitting = session.scalars(
        sa.select(CommitteeMember).where(CommitteeMember.term_id == term.id, CommitteeMember.end_reason.is_(None))
    ).all()
    _require_seat(term, sitting, post)
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    if any(one.person_id == person.id for one in sitting):
        raise Conflict("这个人已经在这一届里了。", code="already_seated")
    starts_at = max(now, _midnight(term.starts_on))
    membership = hats.hold(
        session,
        actor=actor,
        person=person,
        unit=unit,
        role=Role.COMMITTEE_MEMBER,
        post=Post(unit.id, starts_at=starts_at, ends_at=ends_at),
        now=now,
        why=conflict_reason,
    )
    member = CommitteeMember(
        neighborhood_id=unit.id,
        term_id=term.id,
        person_id=person.id,
        membership_id=membership.id,
        post=post,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    session.add(member)
    session.flush()
    return member


def leave(
    session: Session,
    *,
    actor: Actor | None,
    member_id: int,
    reason: EndReason,
    now: dt.datetime,
    vault: Vault,
    successor: Who | None = None,
) -> CommitteeMember:
    """End a member's seat before the term does; a successor takes over the post for the rest of the term."""
    member = session.scalar(sa.select(CommitteeMember).where(CommitteeMember.id == member_id).with_for_update())
    if member is None:
        raise NotFound(TERM_MISSING, code="term_not_found")
    _, unit = _term(session, actor, member.term_id)
    if member.end_reason is not None or (member.ends_at is not None and member.ends_at <= now):
        raise Conflict("这位成员已经离任了。", code="member_over")
    person = person_for(session, actor=actor, who=successor, vault=vault, now=now) if successor else None
    if person is not None and person.id == member.person_id:
        raise InvalidInput("接任的人不能就是离任的人。请另选一位。", code="successor_same")
    _end(session, actor, member, unit, reason, now, person)
    if person is not None:
        join(session, actor=actor, term_id=member.term_id, who=Who(person.id), post=member.post, vault=vault, now=now)
    return member


def end_term(
    session: Session, *, actor: Actor | None, term_id: int, ends_on: dt.date, note: str, now: dt.datetime
) -> CommitteeTerm:
    """End a term before its time, on a day from today on; the hats of its members end with it."""
    term, unit = _term(session, actor, term_id)
    today = now.astimezone(SHANGHAI).date()
    if not (max(term.starts_on + dt.timedelta(days=1), today) <= ends_on < term.ends_on):
        said = f"请选今天以后、{term.ends_on}以前的一天。"
        raise InvalidInput(said, code="dates_invalid", errors={"ends_on": [said]})
    term.ends_on, term.end_note = ends_on, note.strip()
    ends_at = _midnight(ends_on)
    members = session.scalars(
        sa.select(CommitteeMember).where(CommitteeMember.term_id == term.id, CommitteeMember.end_reason.is_(None))
    ).all()
    for member in members:
        if ends_at <= now:
            _end(session, actor, member, unit, EndReason.TERM_OVER, now, None)
            continue
        member.ends_at = ends_at
        session.get_one(Membership, member.membership_id).ends_at = ends_at
    rights.changed(session, person_ids=[member.person_id for member in members], now=now)
    audit.note_on(session, actor, term, "committee_term.ended", now, {"ends_on": str(ends_on)})
    return term


def papers_of(session: Session, membership_id: int) -> list[Item]:
    """Return what a committee's chair passes on besides: the seals, files and books of the term."""
    term = session.scalar(
        sa.select(CommitteeTerm)
        .join(CommitteeMember, CommitteeMember.term_id == CommitteeTerm.id)
        .where(CommitteeMember.membership_id == membership_id, CommitteeMember.post == CommitteePost.CHAIR)
    )
    if term is None:
        return []
    return [("committee_term", term.id, f"第{term.number}届{KIND_NAMES[term.kind]}的印章、档案和账目")]


def _end(
    session: Session,
    actor: Actor | None,
    member: CommitteeMember,
    unit: OrgUnit,
    reason: EndReason,
    now: dt.datetime,
    to_person: Person | None,
) -> None:
    member.ends_at = max(now, member.starts_at + dt.timedelta(microseconds=1))
    member.end_reason = reason
    session.flush()
    membership = session.get_one(Membership, member.membership_id)
    further = papers_of(session, member.membership_id)
    ending.release(
        session,
        actor=actor,
        membership=membership,
        unit=unit,
        reason=reason,
        now=now,
        to_person=to_person,
        further=further,
    )


def _require_no_other(session: Session, neighborhood_id: int, starts_on: dt.date, ends_on: dt.date) -> None:
    other = session.scalar(
        sa.select(CommitteeTerm).where(
            CommitteeTerm.neighborhood_id == neighborhood_id,
            CommitteeTerm.starts_on < ends_on,
            CommitteeTerm.ends_on > starts_on,
        )
    )
    if other is not None:
        raise Conflict(
            f"和第{other.number}届{KIND_NAMES[other.kind]}（{other.starts_on}到{other.ends_on}）重了。"
            "请从上一届结束那天开始，或者先结束上一届。",
            code="terms_overlap",
        )


def _require_seat(term: CommitteeTerm, sitting: Sequence[CommitteeMember], post: CommitteePost) -> None:
    if len(sitting) >= term.seats:
        raise Conflict(f"这一届的{term.seats}个席位都有人了。请先办理离任。", code="seats_taken")
    if post is CommitteePost.CHAIR and any(one.post is CommitteePost.CHAIR for one in sitting):
        raise Conflict("这一届已经有主任了。请先办理原主任离任。", code="chair_there")


def _term(session: Session, actor: Actor | None, term_id: int) -> tuple[CommitteeTerm, OrgUnit]:
    term = session.scalar(sa.select(CommitteeTerm).where(CommitteeTerm.id == term_id).with_for_update())
    unit = session.get(OrgUnit, term.neighborhood_id) if term else None
    if term is None or unit is None or not (actor is None or actor.stands_above(unit.path)):
        raise NotFound(TERM_MISSING, code="term_not_found")
    return term, unit


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI)
