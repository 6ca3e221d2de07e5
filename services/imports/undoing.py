"""Taking a whole batch back, in one transaction: all of it, or nothing and a list of what is in the way.

Homes and residencies go; the history of residencies says that they were there.  Buildings and stairwells are closed, as
the tree never forgets.  Persons are emptied of everything that says who they were: what is left is a number.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from models import (
    Home,
    HomeArea,
    HomeUse,
    HomeUsePeriod,
    ImportBatch,
    ImportChange,
    ImportPerson,
    Invitation,
    OrgUnit,
    Person,
    PersonSearchKey,
    UnitPlacement,
    table_of,
)
from services import audit, people
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput
from services.imports import blockers, changes
from services.imports.applying import source_of
from services.imports.batches import batch_for
from services.imports.moves import Action, move
from services.residencies import bulk_ends
from services.vault import Vault

REASON_LEAST = 4
NAMED = 3
"""How many blockers of a kind stand in the sentence; the list has more."""
QUIET: dict[str, Any] = {"synchronize_session": False}


def undo(
    session: Session, *, actor: Actor | None, batch_id: int, reason: str, vault: Vault, now: dt.datetime
) -> ImportBatch:
    """Take back everything that a batch made or changed.

    Raises ``Conflict`` with a list (``blocking``) when homes already have tickets, requests or later changes.
    """
    reason = reason.strip()
    if len(reason) < REASON_LEAST:
        said = "请写为什么要撤销，至少四个字。"
        raise InvalidInput(said, code="reason_missing", errors={"reason": [said]})
    batch = batch_for(session, actor, batch_id, change=True)
    source = source_of(batch)
    move(batch, Action.UNDO)
    batch.undone_at = now
    blocking = blockers.found(session, batch, source=source, vault=vault)
    if blocking:
        listed = "、".join(_named(one) for one in blocking)
        raise Conflict(
            f"这一批不能整批撤销了，因为已经有：{listed}。请先处理这些，或者只改错了的那几套房子。",
            code="import_in_use",
            blocking=blocking,
        )
    taken = bulk_ends.take_back(session, neighborhood_id=batch.neighborhood_id, source=source, actor=actor, now=now)
    done = {
        **taken,
        "homes_changed": _restore_homes(session, batch, vault),
        "homes": _remove_homes(session, batch),
        "persons_changed": _restore_people(session, batch, vault),
        "persons": forget_people(session, batch),
        "units": _close_units(session, batch, now),
    }
    batch.counts = {**batch.counts, "undone": done}
    session.flush()
    session.expire_all()
    audit.note_on(session, actor, batch, "import.undone", now, {**done, "reason": reason})
    return batch


def _named(one: dict[str, Any]) -> str:
    """Return a kind of blocker with some of them by name: 报修单2条（BX-CJ-2611-00001、…）."""
    labels = [label for label in one["labels"][:NAMED] if label]
    more = "等" if one["count"] > len(labels) else ""
    return f"{one['name']}{one['count']}条" + (f"（{'、'.join(labels)}{more}）" if labels else "")


def forget_people(session: Session, batch: ImportBatch) -> int:
    """Empty the persons that a batch made, and forget that it did."""
    made = sa.select(ImportPerson.person_id).where(ImportPerson.batch_id == batch.id, ImportPerson.is_new)
    session.execute(sa.delete(PersonSearchKey).where(PersonSearchKey.person_id.in_(made)).execution_options(**QUIET))
    emptied: Any = session.execute(
        sa.update(Person)
        .where(Person.id.in_(made))
        .values(
            name_sealed=None, name_masked=None, phone_sealed=None, phone_masked=None, phone_hash=None,
            id_type=None, id_sealed=None, id_masked=None, id_hash=None,
        )
        .execution_options(**QUIET)
    )  # fmt: skip
    session.execute(sa.delete(ImportPerson).where(ImportPerson.batch_id == batch.id))
    return int(emptied.rowcount)


def _remove_homes(session: Session, batch: ImportBatch) -> int:
    made = changes.of_kind(batch.id, "home", is_new=True)
    session.execute(sa.delete(Invitation).where(Invitation.home_id.in_(made)).execution_options(**QUIET))
    # Their areas, uses and aliases go with them (ON DELETE CASCADE).
    removed: Any = session.execute(sa.delete(Home).where(Home.id.in_(made)).execution_options(**QUIET))
    return int(removed.rowcount)


def _restore_homes(session: Session, batch: ImportBatch, vault: Vault) -> int:
    rows = session.execute(
        sa.select(ImportChange.subject_id, ImportChange.old_sealed).where(
            ImportChange.batch_id == batch.id, ImportChange.subject_kind == "home", ImportChange.is_new.is_(False)
        )
    ).all()
    old = {row.subject_id: changes.opened(row.old_sealed, vault)["old"] for row in rows}
    table = table_of(Home)
    for column, read in (("area_centi", int), ("use", HomeUse)):
        values = [
            {"home_id": home_id, "before": None if kept[column] is None else read(kept[column])}
            for home_id, kept in old.items()
            if column in kept
        ]
        if values:
            before = sa.bindparam("before", type_=table.c[column].type)
            session.execute(
                sa.update(table).where(table.c.id == sa.bindparam("home_id")).values({column: before}), values
            )
    for model in (HomeArea, HomeUsePeriod):
        _reopen(session, batch, model)
    return len(old)


def _reopen(session: Session, batch: ImportBatch, model: type[HomeArea] | type[HomeUsePeriod]) -> None:
    """Put the row that counted before the batch in the place of the batch's own.

    The old row was ended on that day and stays so; a copy of it counts from then on.
    """
    assert batch.applied_at is not None
    touched = changes.of_kind(batch.id, "home", is_new=False)
    own = changes.of_kind(batch.id, model.__tablename__, is_new=True)
    rows = session.execute(sa.select(model.home_id, model.starts_on).where(model.id.in_(own))).all()
    starts = {row.home_id: row.starts_on for row in rows}
    session.execute(sa.delete(model).where(model.id.in_(own)).execution_options(**QUIET))
    table = table_of(model)
    day = batch.applied_at.astimezone(SHANGHAI).date()
    before = session.execute(
        sa.select(table)
        .where(
            table.c.home_id.in_(touched),
            sa.or_(table.c.voided_at == batch.applied_at, sa.and_(table.c.ends_on == day, table.c.voided_at.is_(None))),
        )
        .order_by(table.c.id)
    ).mappings()
    copies = {
        row["home_id"]: {
            **{name: value for name, value in row.items() if name not in {"id", "ends_on", "voided_at"}},
            "starts_on": starts[row["home_id"]],
        }
        for row in before
        if row["home_id"] in starts
    }
    if copies:
        session.execute(sa.insert(table), list(copies.values()))


def _restore_people(session: Session, batch: ImportBatch, vault: Vault) -> int:
    rows = session.execute(
        sa.select(ImportChange.old_sealed, Person)
        .join(Person, Person.id == ImportChange.subject_id)
        .where(ImportChange.batch_id == batch.id, ImportChange.subject_kind == "person")
        .options(selectinload(Person.search_keys))
    ).all()
    for row in rows:
        kept = changes.opened(row.old_sealed, vault)
        _restore_person(row.Person, kept, vault)
    session.flush()
    return len(rows)


def _restore_person(person: Person, kept: dict[str, Any], vault: Vault) -> None:
    if "name" in kept["fields"] and kept["name"]:
        people.set_name(person, kept["name"], vault)
    if "phone" in kept["fields"]:
        if kept["phone"]:
            people.set_phone(person, kept["phone"], vault)
        else:
            people.clear_phone(person)
    if "id_number" in kept["fields"]:
        person.id_type = person.id_sealed = person.id_masked = person.id_hash = None


def _close_units(session: Session, batch: ImportBatch, now: dt.datetime) -> int:
    made = changes.of_kind(batch.id, "org_unit", is_new=True)
    session.execute(
        sa.update(UnitPlacement)
        .where(UnitPlacement.unit_id.in_(made), UnitPlacement.ends_at.is_(None))
        .values(ends_at=now)
        .execution_options(**QUIET)
    )
    closed: Any = session.execute(
        sa.update(OrgUnit)
        .where(OrgUnit.id.in_(made), OrgUnit.closed_at.is_(None))
        .values(closed_at=now)
        .execution_options(**QUIET)
    )
    return int(closed.rowcount)
