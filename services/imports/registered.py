"""What is registered already, as the dry run and the apply need it: places for the whole neighborhood, people by home."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    AreaBasis,
    Home,
    HomeArea,
    HomeStatus,
    HomeUse,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyKind,
    UnitKind,
    WeChatAccount,
)
from services.homes.address import Address
from services.homes.addressing import building_key, stairwell_key
from services.homes.matching import Book
from services.vault import Vault

IN_MOST = 500
"""Values in one IN (…)."""
T = TypeVar("T")


class Places:
    """Buildings, stairwells and homes of one neighborhood; some 20 MB for 63,000 homes."""

    def __init__(self, session: Session, neighborhood_id: int) -> None:
        self.book = Book.load(session, neighborhood_id)
        # 彩进14-2-501: people leave 小区 out.
        short = tuple(name.removesuffix("小区") for name in self.book.names if len(name.removesuffix("小区")) > 1)
        self.book.names = tuple(dict.fromkeys((*self.book.names, *short)))
        self.buildings: dict[str, int] = {}
        self.stairwells: dict[tuple[str, str], int] = {}
        self.homes: dict[str, int] = {}
        self.gone: set[str] = set()
        """Codes of homes that were merged or demolished."""
        self._codes: dict[int, str] = {}
        self._coming: list[Address] = []
        self.read_units(session, neighborhood_id)
        rows = session.execute(
            sa.select(Home.id, Home.code, Home.status).where(Home.neighborhood_id == neighborhood_id)
        )
        for row in rows:
            self.homes[row.code] = row.id
            self._codes[row.id] = row.code
            if row.status is not HomeStatus.IN_USE:
                self.gone.add(row.code)

    def read_units(self, session: Session, neighborhood_id: int) -> None:
        """Read the buildings and stairwells that are not closed."""
        units = session.execute(
            sa.select(OrgUnit.id, OrgUnit.parent_id, OrgUnit.kind, OrgUnit.name)
            .where(
                OrgUnit.neighborhood_id == neighborhood_id,
                OrgUnit.kind.in_([UnitKind.BUILDING, UnitKind.STAIRWELL]),
                OrgUnit.closed_at.is_(None),
            )
            .order_by(OrgUnit.id)
        ).all()
        keys = {row.id: building_key(row.name) for row in units if row.kind is UnitKind.BUILDING}
        self.buildings = {key: unit_id for unit_id, key in keys.items()}
        self.stairwells = {
            (keys[row.parent_id], stairwell_key(row.name)): row.id
            for row in units
            if row.kind is UnitKind.STAIRWELL and row.parent_id in keys
        }

    def expect(self, address: Address) -> None:
        """Remember a home that will be made, so that later rows find it under all its names."""
        self._coming.append(address)
        self.book.add(-len(self._coming), address.code or "")

    def numbered(self, home_id: int) -> Address | None:
        """Return where a home of the book is.  Its code falls apart at its dashes."""
        if home_id < 0:
            return self._coming[-home_id - 1]
        building, *between, room = self._codes[home_id].split("-")
        return Address(building, between[0] if between else None, None, room)


@dataclass
class Resident:
    """Somebody who has to do with a home now."""

    person_id: int
    name: str | None
    phone: str | None
    name_masked: str | None
    phone_masked: str | None
    kind: ResidencyKind
    share: Fraction | None
    has_id: bool
    id_hash: str | None
    has_account: bool


@dataclass
class KnownHome:
    """A home that is there, with its people."""

    id: int
    area_centi: int | None
    basis: AreaBasis | None
    use: HomeUse
    residents: list[Resident] = field(default_factory=list)


def homes(session: Session, ids: Collection[int], vault: Vault) -> dict[int, KnownHome]:
    """Return homes with their present people."""
    found: dict[int, KnownHome] = {}
    for some in parts(sorted(ids), IN_MOST):
        rows = session.execute(
            sa.select(Home.id, Home.area_centi, Home.use, HomeArea.basis)
            .outerjoin(
                HomeArea,
                sa.and_(HomeArea.home_id == Home.id, HomeArea.ends_on.is_(None), HomeArea.voided_at.is_(None)),
            )
            .where(Home.id.in_(some))
        )
        found |= {row.id: KnownHome(row.id, row.area_centi, row.basis, row.use) for row in rows}
        account = sa.exists().where(WeChatAccount.person_id == Person.id)
        people = session.execute(
            sa.select(
                Residency.home_id, Residency.kind, Residency.share_numerator, Residency.share_denominator, Person.id,
                Person.name_sealed, Person.phone_sealed, Person.name_masked, Person.phone_masked, Person.id_hash,
                account.label("has_account"),
            )
            .join(Person, Person.id == Residency.person_id)
            .where(Residency.home_id.in_(some), Residency.ends_at.is_(None))
            .order_by(Residency.id)
        )  # fmt: skip
        for row in people:
            found[row.home_id].residents.append(_resident(row, vault))
    return found


def people_by_phone(
    session: Session, *, neighborhood_id: int, phones: Collection[str], vault: Vault
) -> dict[str, list[tuple[int, str]]]:
    """Return who in the neighborhood has these phones, as id and name: residents, and those who work there.

    Nobody from elsewhere: that somebody is registered in another neighborhood is not for this one to know.
    """
    hashes = {one: phone for phone in phones for one in vault.fingerprints(phone, "person.phone")}
    lives = sa.exists().where(Residency.person_id == Person.id, Residency.neighborhood_id == neighborhood_id)
    works = (
        sa.exists()
        .where(Membership.person_id == Person.id, Membership.unit_id == OrgUnit.id)
        .where(OrgUnit.neighborhood_id == neighborhood_id)
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for some in parts(sorted(hashes), IN_MOST):
        rows = session.execute(
            sa.select(Person.id, Person.phone_hash, Person.name_sealed)
            .where(Person.phone_hash.in_(some), sa.or_(lives, works))
            .order_by(Person.id)
        )
        for row in rows:
            name = vault.open(row.name_sealed, "person.name") if row.name_sealed else ""
            found.setdefault(hashes[row.phone_hash], []).append((row.id, name))
    return found


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into runs of one size."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _resident(row: Any, vault: Vault) -> Resident:
    return Resident(
        person_id=row.id,
        name=vault.open(row.name_sealed, "person.name") if row.name_sealed else None,
        phone=vault.open(row.phone_sealed, "person.phone") if row.phone_sealed else None,
        name_masked=row.name_masked,
        phone_masked=row.phone_masked,
        kind=row.kind,
        share=Fraction(row.share_numerator, row.share_denominator) if row.share_numerator else None,
        has_id=row.id_hash is not None,
        id_hash=row.id_hash,
        has_account=row.has_account,
    )
