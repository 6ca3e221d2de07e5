"""Changing persons who are there already: a name with a slip, another phone, a number that was missing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from models import IdType, ImportBatch, Person
from services import identity_numbers, people
from services.clocks import SHANGHAI
from services.errors import Conflict
from services.imports import changes
from services.imports.plans import PersonPlan, RowPlan
from services.imports.registered import IN_MOST, parts
from services.masking import mask_id_number
from services.vault import Vault

STALE = "检查以后，有人改过这里的住户。请重新检查一次，再导入。"


def change(
    session: Session, batch: ImportBatch, plans: Sequence[RowPlan], *, vault: Vault, now: dt.datetime
) -> dict[str, int]:
    """Write the planned changes of persons; return how many persons were changed.

    Raises ``Conflict`` when one is not any more as the dry run found them.
    """
    wanted = {one.person_id: one for plan in plans for one in plan.people if one.person_id is not None and one.changes}
    for some in parts(sorted(wanted), IN_MOST):
        rows = session.scalars(
            sa.select(Person).where(Person.id.in_(some)).options(selectinload(Person.search_keys)).with_for_update()
        ).all()
        for person in rows:
            _check(person, wanted[person.id])
        old = [(person.id, old_values(person, vault, wanted[person.id])) for person in rows]
        changes.changed(session, batch, "person", old, vault)
        for person in rows:
            _change(person, wanted[person.id], vault, now)
        session.flush()
        session.expire_all()
    return {"persons_changed": len(wanted)} if wanted else {}


def id_values(number: str | None, vault: Vault) -> dict[str, Any]:
    """Return the columns of an identity number for a statement that writes persons."""
    return {
        "id_type": IdType.RESIDENT if number else None,
        "id_sealed": vault.seal(number, "person.id_number") if number else None,
        "id_masked": mask_id_number(number) if number else None,
        "id_hash": vault.fingerprint(number, "person.id_number") if number else None,
    }


def old_values(person: Person, vault: Vault, plan: PersonPlan) -> dict[str, Any]:
    """Return what a person was before, and how to tell later that nobody else has changed it since."""
    return {
        "name": vault.open(person.name_sealed, "person.name") if person.name_sealed else None,
        "phone": vault.open(person.phone_sealed, "person.phone") if person.phone_sealed else None,
        "fields": sorted(plan.changes),
        "new_name": plan.name,
        "new_phone": plan.phone,
    }


def _check(person: Person, plan: PersonPlan) -> None:
    now_there = {"name": person.name_masked, "phone": person.phone_masked, "id_number": person.id_masked}
    if any(now_there[field] != old for field, old in plan.changes.items()):
        raise Conflict(STALE, code="import_stale")


def _change(person: Person, plan: PersonPlan, vault: Vault, now: dt.datetime) -> None:
    if "name" in plan.changes:
        people.set_name(person, plan.name, vault)
    if "phone" in plan.changes and plan.phone:
        people.set_phone(person, plan.phone, vault)
    if "id_number" in plan.changes and plan.id_number:
        today = now.astimezone(SHANGHAI).date()
        people.set_id_number(person, identity_numbers.read(plan.id_number, today=today), vault)
