"""What speaks against taking a batch back.  A later domain adds its line to ``BLOCKERS``: bills of a home, votes."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import (
    EVER,
    AliasSource,
    Asset,
    Home,
    HomeAlias,
    HomeArea,
    HomeStatus,
    HomeUsePeriod,
    ImportBatch,
    ImportChange,
    ImportPerson,
    ImportState,
    Invitation,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyRequest,
    Ticket,
    WeChatAccount,
)
from services.imports import changes
from services.residencies import bulk_ends
from services.vault import Vault

LISTED = 20
"""How many of a kind are named."""


@dataclass(frozen=True)
class Batch:
    """What a query for blockers needs to know."""

    id: int
    applied_at: dt.datetime
    homes: sa.Select[int]
    """Ids of homes that it made."""
    people: sa.Select[int]
    """Ids of persons that it made."""
    units: sa.Select[int]
    """Ids of buildings and stairwells that it made."""
    source: str


@dataclass(frozen=True)
class Blocker:
    """One kind of thing: ``name`` as people read it, and a query for id and label of each."""

    kind: str
    name: str
    query: Callable[[Batch], Any]


def _at_home(model: Any, *more: Any) -> Any:
    return sa.select(model.id, Home.label).join(Home, Home.id == model.home_id).where(*more)


def _of_person(model: Any, batch: Batch) -> Any:
    return (
        sa.select(model.id, Person.name_masked)
        .join(Person, Person.id == model.person_id)
        .where(model.person_id.in_(batch.people))
    )


def _later_imports(batch: Batch) -> Any:
    own, other, later = aliased(ImportChange), aliased(ImportChange), aliased(ImportBatch)
    return (
        sa.select(later.id, later.file_name)
        .join(other, other.batch_id == later.id)
        .join(own, sa.and_(own.subject_kind == other.subject_kind, own.subject_id == other.subject_id))
        .where(own.batch_id == batch.id, later.id > batch.id, later.state == ImportState.APPLIED)
        .distinct()
    )


def _lived_in(batch: Batch) -> Any:
    foreign = sa.or_(Residency.source.is_(None), Residency.source != batch.source)
    return _at_home(Residency, Residency.home_id.in_(batch.homes), foreign)


BLOCKERS: tuple[Blocker, ...] = (
    Blocker("ticket", "报修单", lambda batch: sa.select(Ticket.id, Ticket.number).where(
        sa.or_(Ticket.home_id.in_(batch.homes), Ticket.building_id.in_(batch.units)))),
    Blocker("residency_request", "住户申请", lambda batch: _at_home(
        ResidencyRequest, ResidencyRequest.home_id.in_(batch.homes))),
    Blocker("residency", "后来登记的住户", _lived_in),
    Blocker("wechat_account", "已经绑定微信的住户", lambda batch: _of_person(WeChatAccount, batch)),
    Blocker("membership", "担任职务的人", lambda batch: _of_person(Membership, batch)),
    Blocker("unit_membership", "楼栋上的职务", lambda batch: sa.select(Membership.id, OrgUnit.name)
            .join(OrgUnit, OrgUnit.id == Membership.unit_id).where(Membership.unit_id.in_(batch.units))),
    Blocker("invitation", "已经用过的邀请码", lambda batch: _at_home(
        Invitation, Invitation.home_id.in_(batch.homes), Invitation.used_at.is_not(None))),
    Blocker("asset", "仓房、车库或者车位", lambda batch: _at_home(Asset, Asset.home_id.in_(batch.homes))),
    Blocker("home_alias", "后来加的别名", lambda batch: _at_home(
        HomeAlias, HomeAlias.home_id.in_(batch.homes), HomeAlias.source != AliasSource.IMPORT)),
    Blocker("home_area", "后来改过的面积", lambda batch: _at_home(
        HomeArea, HomeArea.home_id.in_(batch.homes), HomeArea.recorded_at > batch.applied_at)),
    Blocker("home_use", "后来改过的用途", lambda batch: _at_home(
        HomeUsePeriod, HomeUsePeriod.home_id.in_(batch.homes), HomeUsePeriod.starts_on > EVER)),
    Blocker("home_status", "已经合并或者拆除的房屋", lambda batch: sa.select(Home.id, Home.label).where(
        Home.id.in_(batch.homes), Home.status != HomeStatus.IN_USE)),
    Blocker("home", "这些楼里另外登记的房屋", lambda batch: sa.select(Home.id, Home.label).where(
        Home.building_id.in_(batch.units), Home.id.not_in(batch.homes))),
    Blocker("import", "后来的导入（要先撤销它）", _later_imports),
)  # fmt: skip

HANGING_NAMES: Mapping[str, str] = {
    "residency_request": "住户申请",
    "home_right": "后来改过的权利（投票、缴费、报修）",
    "residency": "后来变动的住户关系",
}


def found(session: Session, batch: ImportBatch, *, source: str, vault: Vault) -> list[dict[str, Any]]:
    """Return what speaks against taking a batch back: kind, name, how many, and some of them; empty if nothing does."""
    asked = _asked(batch, source)
    result = []
    for blocker in BLOCKERS:
        rows = session.execute(blocker.query(asked).order_by(sa.text("1"))).all()
        if rows:
            result.append(_told(blocker.kind, blocker.name, [(row[0], row[1]) for row in rows]))
    hanging = bulk_ends.hanging(session, neighborhood_id=batch.neighborhood_id, source=source)
    for kind, name in HANGING_NAMES.items():
        ids = [one for found_kind, one in hanging if found_kind == kind]
        if ids and kind not in {one["kind"] for one in result}:
            result.append(_told(kind, name, _homes_of(session, ids)))
    homes = _homes_changed_since(session, batch, vault)
    if homes:
        result.append(_told("home_changed", "后来又改过面积或者用途的房屋", homes))
    people = _changed_since(session, batch, vault)
    if people:
        result.append(_told("person", "后来改过姓名或者电话的住户", people))
    return result


def _asked(batch: ImportBatch, source: str) -> Batch:
    homes = changes.of_kind(batch.id, "home", is_new=True)
    people = sa.select(ImportPerson.person_id).where(ImportPerson.batch_id == batch.id, ImportPerson.is_new)
    units = changes.of_kind(batch.id, "org_unit", is_new=True)
    assert batch.applied_at is not None
    return Batch(batch.id, batch.applied_at, homes, people, units, source)


def _homes_of(session: Session, residency_ids: list[int]) -> list[tuple[int, str]]:
    named = session.execute(_at_home(Residency, Residency.id.in_(residency_ids[:LISTED]))).all()
    labels = {row.id: row.label for row in named}
    return [(one, labels.get(one, "")) for one in residency_ids]


def _homes_changed_since(session: Session, batch: ImportBatch, vault: Vault) -> list[tuple[int, str]]:
    """Return homes whose area or use the batch changed, and somebody else changed again."""
    rows = session.execute(
        sa.select(ImportChange.old_sealed, Home.id, Home.label, Home.area_centi, Home.use)
        .join(Home, Home.id == ImportChange.subject_id)
        .where(ImportChange.batch_id == batch.id, ImportChange.subject_kind == "home", ImportChange.is_new.is_(False))
    )
    later = []
    for row in rows:
        there = {"area_centi": row.area_centi, "use": row.use.value}
        new = changes.opened(row.old_sealed, vault)["new"]
        if any(there[field] != value for field, value in new.items()):
            later.append((row.id, row.label))
    return later


def _changed_since(session: Session, batch: ImportBatch, vault: Vault) -> list[tuple[int, str]]:
    """Return persons whom the batch changed and who were changed again: taking back would lose that."""
    rows = session.execute(
        sa.select(ImportChange.old_sealed, Person.id, Person.name_masked, Person.name_sealed, Person.phone_sealed)
        .join(Person, Person.id == ImportChange.subject_id)
        .where(ImportChange.batch_id == batch.id, ImportChange.subject_kind == "person")
    )
    later = []
    for row in rows:
        kept = changes.opened(row.old_sealed, vault)
        name = vault.open(row.name_sealed, "person.name") if row.name_sealed else None
        phone = vault.open(row.phone_sealed, "person.phone") if row.phone_sealed else None
        wanted_name = kept["new_name"] if "name" in kept["fields"] else kept["name"]
        wanted_phone = kept["new_phone"] if "phone" in kept["fields"] else kept["phone"]
        if (name, phone) != (wanted_name, wanted_phone):
            later.append((row.id, row.name_masked or ""))
    return later


def _told(kind: str, name: str, rows: list[tuple[int, str]]) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "count": len(rows),
        "ids": [one for one, _ in rows[:LISTED]],
        "labels": [label for _, label in rows[:LISTED]],
    }
