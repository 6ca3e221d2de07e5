"""What a row of a workbook asks for, understood and compared: kept, sealed, from the dry run until it is written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from models import AreaBasis, HomeUse, ResidencyKind
from services.homes.address import Address


@dataclass(slots=True)
class PersonPlan:
    """Somebody of a row.  ``is_stated``: the row says what they are to the home; otherwise it was the column's heading."""

    name: str
    kind: ResidencyKind
    is_stated: bool
    phone: str | None = None
    share: tuple[int, int] | None = None
    id_number: str | None = None
    column: int | None = None
    phone_column: int | None = None
    key: str = ""
    """Who this is within the batch."""
    person_id: int | None = None
    """Who this is in the database already."""
    changes: dict[str, str | None] = field(default_factory=dict)
    """What becomes different about somebody who is there already: old masked values by field."""


@dataclass(slots=True)
class RowPlan:
    """What a row asks for."""

    code: str
    building: str
    stairwell: str | None
    floor: int | None
    room: str
    area_centi: int | None = None
    basis: AreaBasis = AreaBasis.SELF_DECLARED
    area_column: int | None = None
    use: HomeUse | None = None
    since: dt.date | None = None
    people: list[PersonPlan] = field(default_factory=list)
    home_id: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    """What becomes different about a home that is there already: old values by field."""

    @property
    def address(self) -> Address:
        """The home's place."""
        return Address(self.building, self.stairwell, self.floor, self.room)

    def kept(self) -> str:
        """Return it as JSON."""
        return orjson.dumps(self).decode()

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "RowPlan":
        """Read what was kept."""
        people = kept["people"]
        for one in people:
            one["kind"] = ResidencyKind(one["kind"])
            one["share"] = tuple(one["share"]) if one["share"] else None
        plan = cls(**kept)
        plan.people = [PersonPlan(**one) for one in people]
        plan.basis = AreaBasis(kept["basis"])
        plan.use = HomeUse(kept["use"]) if kept["use"] else None
        plan.since = dt.date.fromisoformat(kept["since"]) if kept["since"] else None
        return plan
