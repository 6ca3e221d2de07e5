"""Erasing a person: what may go goes at once, what law or a ledger needs stays under a bare number and is no longer used.

PIPL 47 II: where a law sets a period, or removing is impossible, everything but storing stops.  So the row of the person
stays (votes, vouchers and tickets point to it) without a name, a phone or an account; who still owns a home keeps the
name on the owners' roll and nothing else.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    SETTLED_STATES,
    Base,
    LeavingReason,
    Mandate,
    MandateSide,
    MandateState,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyKind,
    SignIn,
    Ticket,
    WeChatAccount,
    table_of,
)
from services import audit, merged, rights
from services.actors import Actor
from services.errors import Conflict
from services.mandates import telling
from services.privacy import consents, selves
from services.privacy.about import TABLES, About, Erase, rows_about
from services.residencies import bulk_ends
from services.terms import in_force

OWNERS = (ResidencyKind.OWNER, ResidencyKind.CO_OWNER)
STAYS_IN_PERSON = frozenset({"id", "created_at", "restricted_at", "erased_at"})
NAME_COLUMNS = frozenset({"name_sealed", "name_masked"})
OWNER_WHY = (
    "您现在还是业主，姓名要留在业主名册上（民法典第278条、第286条），只存着，不作别的用。"
    "房子转出以后再来，就能全部删掉。"
)
PERSONAL_OF_TICKET = ("contact_sealed", "place_note", "latitude", "longitude", "rating_words")


@dataclass(frozen=True)
class Part:
    """What happens to the rows of one table."""

    table: str
    name: str
    rows: int
    why: str = ""
    """For what stays."""


@dataclass(frozen=True)
class Plan:
    """What erasing a person would do."""

    blocking: Sequence[str]
    """What has to be ended before, in plain words."""
    goes: Sequence[Part]
    stays: Sequence[Part]
    keeps_name: bool
    """Because the person still owns a home."""

    @property
    def outcome(self) -> dict[str, Any]:
        """Return it in numbers, for the record."""
        return {
            "erased": {part.table: part.rows for part in self.goes},
            "kept": {part.table: part.rows for part in self.stays},
            "keeps_name": self.keeps_name,
        }


def plan(session: Session, *, person_id: int, now: dt.datetime) -> Plan:
    """Return what would go, what would stay and why, and what is in the way."""
    ids = merged.all_ids(session, person_id)
    goes: list[Part] = []
    stays: list[Part] = []
    for line in TABLES:
        if not line.about:
            continue
        rows = session.scalar(sa.select(sa.func.count()).select_from(_table(line)).where(rows_about(line, ids)))
        if rows:
            part = Part(line.table, line.name, rows, line.why)
            (goes if line.erase is Erase.DELETE else stays).append(part)
    return Plan(_blocking(session, ids, now), goes, stays, _owns(session, ids, now))


def erase(session: Session, *, person_id: int, actor: Actor | None, now: dt.datetime) -> Plan:
    """Erase a person; return what was done.

    Raises ``Conflict`` (``blocking``) while the person holds an office or has open tickets.
    """
    done = plan(session, person_id=person_id, now=now)
    if done.blocking:
        raise Conflict(
            "现在还不能删：" + "；".join(done.blocking) + "。这些办完以后再删。",
            code="erasure_blocked",
            blocking=list(done.blocking),
        )
    ids = merged.all_ids(session, person_id)
    rights.changed(session, person_ids=ids, now=now)
    consents.end_all(session, person_ids=sorted(ids), by_id=actor.person_id if actor else None, now=now)
    end_sign_ins(session, ids, now=now)
    _end_mandates(session, ids, now)
    _move_out(session, ids, actor, now)
    for line in TABLES:
        if line.about and line.erase is Erase.DELETE:
            delete_with_children(session, _table(line), rows_about(line, ids))
    _clear(session, ids, keeps_name=done.keeps_name, now=now)
    audit.note(
        session,
        actor=actor,
        now=now,
        action="person.erased",
        subject=("person", person_id),
        about_person_id=person_id,
        neighborhood_id=selves.neighborhood_of(session, person_id),
        detail=done.outcome,
    )
    return done


def end_sign_ins(session: Session, ids: set[int], *, now: dt.datetime) -> None:
    """End every sign-in of the persons."""
    session.execute(sa.update(SignIn).where(SignIn.person_id.in_(ids), SignIn.ended_at.is_(None)).values(ended_at=now))


def delete_with_children(session: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    """Delete rows, and before them the rows of other tables that belong to them; return how many of the first."""
    for child in Base.metadata.tables.values():
        for key in child.foreign_keys:
            if key.column.table is table and child is not table:
                wanted = sa.select(key.column).where(which)
                delete_with_children(session, child, key.parent.in_(wanted))
    done: Any = session.execute(sa.delete(table).where(which))
    return int(done.rowcount)


def _table(line: About) -> sa.Table:
    return Base.metadata.tables[line.table]


def _blocking(session: Session, ids: set[int], now: dt.datetime) -> list[str]:
    offices = session.scalars(
        sa.select(OrgUnit.name)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(Membership.person_id.in_(ids), in_force(Membership.starts_at, Membership.ends_at, now))
        .order_by(Membership.id)
    ).all()
    tickets = session.scalars(
        sa.select(Ticket.number)
        .where(sa.or_(Ticket.reporter_id.in_(ids), Ticket.assignee_id.in_(ids)), Ticket.state.not_in(SETTLED_STATES))
        .order_by(Ticket.id)
        .limit(10)
    ).all()
    return [f"还在“{name}”任职，要先卸任交接" for name in offices] + [f"单号 {number} 还没办完" for number in tickets]


def _owns(session: Session, ids: set[int], now: dt.datetime) -> bool:
    query = sa.exists().where(
        Residency.person_id.in_(ids),
        Residency.kind.in_(OWNERS),
        in_force(Residency.starts_at, Residency.ends_at, now),
    )
    return bool(session.scalar(sa.select(query)))


def _end_mandates(session: Session, ids: set[int], now: dt.datetime) -> None:
    """End what others do for the person, and what the person does for others; the other side is told."""
    alive = session.scalars(
        sa.select(Mandate).where(
            sa.or_(Mandate.principal_id.in_(ids), Mandate.agent_id.in_(ids)), Mandate.ended_at.is_(None)
        )
    ).all()
    for mandate in alive:
        mandate.state, mandate.ended_at = MandateState.WITHDRAWN, now
        mandate.ended_side = MandateSide.PRINCIPAL if mandate.principal_id in ids else MandateSide.AGENT
        telling.ended(session, mandate, "因为其中一方的登记注销了", now)
    others = {mandate.principal_id for mandate in alive} | {mandate.agent_id for mandate in alive} - {None}
    rights.changed(session, person_ids=[one for one in others if one is not None], now=now)


def _move_out(session: Session, ids: set[int], actor: Actor | None, now: dt.datetime) -> None:
    """End the residencies of somebody who does not own: a nameless family member helps nobody."""
    open_ones = session.scalars(
        sa.select(Residency.id).where(
            Residency.person_id.in_(ids), Residency.ends_at.is_(None), Residency.kind.not_in(OWNERS)
        )
    ).all()
    if open_ones:
        bulk_ends.end(
            session, residency_ids=open_ones, why=LeavingReason.MOVED_OUT, source="erasure", actor=actor, now=now
        )


def _clear(session: Session, ids: set[int], *, keeps_name: bool, now: dt.datetime) -> None:
    """Empty the personal columns of rows that stay."""
    for account_id in session.scalars(sa.select(WeChatAccount.id).where(WeChatAccount.person_id.in_(ids))).all():
        session.execute(
            sa.update(WeChatAccount)
            .where(WeChatAccount.id == account_id)
            .values(openid=f"erased-{secrets.token_hex(16)}", unionid=None, session_key_sealed=None)
        )
    tickets: Mapping[str, None] = dict.fromkeys(PERSONAL_OF_TICKET)
    session.execute(sa.update(Ticket).where(Ticket.reporter_id.in_(ids)).values(**tickets))
    emptied = _nullable(table_of(Person)) - STAYS_IN_PERSON - (NAME_COLUMNS if keeps_name else frozenset())
    values: dict[str, Any] = dict.fromkeys(emptied)
    values |= {"restricted_at": now} if keeps_name else {"erased_at": now, "restricted_at": now}
    session.execute(
        sa.update(Person).where(Person.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
    )
    session.expire_all()


def _nullable(table: sa.Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if column.nullable)
