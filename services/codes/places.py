"""What a code stands for, in words and as the place of a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import OrgUnit, ScanCode, Spot, SpotKind, Ticket, UnitKind

SPOT_NAMES: Mapping[SpotKind, str] = {SpotKind.COMMON: "公共地方", SpotKind.CHECKPOINT: "巡查点"}
KIND_NAMES: Mapping[str, str] = {
    "neighborhood": "小区",
    "building": "楼",
    "stairwell": "单元",
    "ticket": "单子",
    **{kind.value: name for kind, name in SPOT_NAMES.items()},
}
CODED_KINDS = frozenset({UnitKind.NEIGHBORHOOD, UnitKind.BUILDING, UnitKind.STAIRWELL})
"""Units that can have a code."""

_parent = aliased(OrgUnit)
_neighborhood = aliased(OrgUnit)


@dataclass(frozen=True)
class Place:
    """What a code stands for.  ``kind`` is the unit's, the spot's, or ``ticket``."""

    kind: str
    label: str
    neighborhood_id: int
    neighborhood: str
    building_id: int | None
    note: str | None
    """Where in the building or the neighborhood: goes into a report's place note."""
    ticket_id: int | None
    unit_path: str
    is_there: bool
    """Whether the unit or the spot is still there."""

    @property
    def report(self) -> dict[str, Any]:
        """What a report at this place says of where it is, by the names of ``POST /tickets``."""
        where = {"building_id": self.building_id} if self.building_id else {"neighborhood_id": self.neighborhood_id}
        return where | ({"place_note": self.note} if self.note else {})


def places(session: Session, codes: Iterable[ScanCode]) -> dict[int, Place]:
    """Return, by the id of the code, what codes stand for."""
    ids = [code.id for code in codes]
    rows = session.execute(
        sa.select(
            ScanCode.id,
            OrgUnit.id.label("unit_id"),
            OrgUnit.kind.label("unit_kind"),
            OrgUnit.name.label("unit"),
            OrgUnit.path,
            OrgUnit.closed_at,
            OrgUnit.parent_id,
            _parent.name.label("parent"),
            _neighborhood.id.label("neighborhood_id"),
            _neighborhood.name.label("neighborhood"),
            Spot.kind.label("spot_kind"),
            Spot.name.label("spot"),
            Spot.closed_at.label("spot_closed_at"),
            Ticket.id.label("ticket_id"),
            Ticket.number.label("ticket"),
        )
        .join(OrgUnit, OrgUnit.id == ScanCode.unit_id)
        .join(_neighborhood, _neighborhood.id == ScanCode.neighborhood_id)
        .outerjoin(_parent, _parent.id == OrgUnit.parent_id)
        .outerjoin(Spot, Spot.id == ScanCode.spot_id)
        .outerjoin(Ticket, Ticket.id == ScanCode.ticket_id)
        .where(ScanCode.id.in_(ids))
    )
    return {row.id: _place(row) for row in rows}


def _place(row: Any) -> Place:
    in_stairwell = row.unit_kind == UnitKind.STAIRWELL
    unit = f"{row.parent}{row.unit}" if in_stairwell else row.unit
    building_id = {UnitKind.BUILDING: row.unit_id, UnitKind.STAIRWELL: row.parent_id}.get(row.unit_kind)
    kind, label = row.unit_kind.value, unit
    if row.ticket_id is not None:
        kind, label = "ticket", f"单子{row.ticket}"
    elif row.spot is not None:
        kind, label = row.spot_kind.value, f"{unit} {row.spot}" if building_id else row.spot
    notes = [row.unit if in_stairwell else None, row.spot]
    return Place(
        kind=kind,
        label=label,
        neighborhood_id=row.neighborhood_id,
        neighborhood=row.neighborhood,
        building_id=building_id,
        note=" ".join(filter(None, notes)) or None,
        ticket_id=row.ticket_id,
        unit_path=row.path,
        is_there=row.closed_at is None and row.spot_closed_at is None,
    )
