"""Writes the demonstration into an empty database."""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    DutyAssignment,
    GroupBinding,
    Home,
    Membership,
    OrgUnit,
    Person,
    Residency,
    ResidencyKind,
    Role,
    ServiceDomain,
    Station,
    UnitKind,
)
from services.demo import books
from services.demo.bulk import BulkWriter
from services.demo.cast import CAST
from services.demo.households import Households, Landing
from services.demo.names import CITY, DISTRICTS, SURNAMES, ordinal
from services.demo.people import People
from services.demo.plan import (
    BUILDINGS_PER_GRID,
    Door,
    Estate,
    Plan,
    doors,
    estates,
    parts,
    runs,
    shop_rooms,
    stairwells_per_building,
)
from services.demo.tree import Node, Tree
from services.errors import Conflict
from services.residencies import bulk
from services.vault import Vault

ESTATES_PER_SUBDISTRICT = 4
ESTATES_PER_COMMUNITY = 2
REPAIRERS = 2
CAST_HOMES = {member.home_code: member for member in CAST if member.home_code}
NEEDS_EMPTY = "demo_needs_an_empty_database"
NOT_EMPTY = (
    "数据库里已经有小区了，演示数据只能装进空的数据库。请换一个新的数据库（改 WUYOU_DATABASE_URL），建好表再装。"
)
NO_TABLES = "数据库里还没有建表。请先运行 flask db upgrade，再装演示数据。"

Progress = Callable[[int], None]
"""Told how many homes were added since the last call."""


@dataclass(frozen=True)
class Loaded:
    """What was written: numbers of rows, and the cast's person ids by slug."""

    units: int
    neighborhoods: int
    buildings: int
    homes: int
    persons: int
    residencies: int
    memberships: int
    groups: int
    cast: Mapping[str, int]


def load(session: Session, *, vault: Vault, now: dt.datetime, plan: Plan, progress: Progress) -> Loaded:
    """Write the demonstration.  ``now`` is when its people were registered.

    Raises ``Conflict`` when there are no tables yet, and when there are org units already: nobody could tell two towns
    in one tree apart.
    """
    if not sa.inspect(session.connection()).has_table(OrgUnit.__tablename__):
        raise Conflict(NO_TABLES, code="demo_needs_tables")
    writer = BulkWriter(session)
    if session.scalar(sa.select(sa.exists().select_from(OrgUnit))):
        raise Conflict(NOT_EMPTY, code=NEEDS_EMPTY)
    repairs = session.scalars(sa.select(ServiceDomain.id).where(ServiceDomain.code == "repair")).one()
    town = _Town(writer, vault, now, plan, progress, repairs)
    town.build()
    writer.finish()
    town.people.finish(session)
    books.complete(session, now)
    bulk.complete(session, which=sa.true(), now=now, actor=None)
    return Loaded(
        units=writer.written[OrgUnit],
        neighborhoods=town.tree.counts[UnitKind.NEIGHBORHOOD],
        buildings=town.tree.counts[UnitKind.BUILDING],
        homes=writer.written[Home],
        persons=writer.written[Person],
        residencies=writer.written[Residency],
        memberships=writer.written[Membership],
        groups=writer.written[GroupBinding],
        cast=town.people.cast,
    )


class _Town:
    """Builds from the city down.  The order of the calls fixes what a seed gives."""

    def __init__(
        self, writer: BulkWriter, vault: Vault, now: dt.datetime, plan: Plan, progress: Progress, repairs: int
    ) -> None:
        self._writer = writer
        self._vault = vault
        self._now = now
        self._progress = progress
        self._repairs = repairs
        self._rng = random.Random(plan.seed)  # noqa: S311 - a made-up town, not a secret
        self._estates, self._spare_names = estates(plan, self._rng)
        self.tree = Tree(writer, now)
        self.people = People(writer, vault, self._rng, now)
        self._households = Households(writer, self.people, self._rng, now)

    def build(self) -> None:
        """Write everything; the writer still holds the last batch."""
        city = self.tree.add(UnitKind.CITY, CITY)
        groups = parts(self._estates, min(len(DISTRICTS), len(self._estates)))
        for name, group in zip(DISTRICTS, groups, strict=False):
            district = self.tree.add(UnitKind.DISTRICT, name, city)
            self._post(Role.DISTRICT_OFFICER, district)
            for smaller in runs(group, ESTATES_PER_SUBDISTRICT):
                self._subdistrict(district, smaller)

    def _subdistrict(self, district: Node, group: Sequence[Estate]) -> None:
        subdistrict = self.tree.add(UnitKind.SUBDISTRICT, f"{next(self._spare_names)}街道", district)
        self._post(Role.SUBDISTRICT_OFFICER, subdistrict)
        for smaller in runs(group, ESTATES_PER_COMMUNITY):
            name = smaller[0].name.removesuffix("小区") + "社区"
            community = self.tree.add(UnitKind.COMMUNITY, name, subdistrict)
            if smaller[0].first:
                self._appoint_cast(community, {Role.COMMUNITY_OFFICER})
            else:
                self._post(Role.COMMUNITY_OFFICER, community)
            for estate in smaller:
                self._neighborhood(community, estate)

    def _neighborhood(self, community: Node, estate: Estate) -> None:
        node = self.tree.add(UnitKind.NEIGHBORHOOD, estate.name, community, estate.code)
        self._bind_group(node, estate)
        self._open_station(node, estate)
        self._station(node, estate)
        shops = iter(shop_rooms(estate.homes))
        buildings = list(enumerate(stairwells_per_building(estate.homes, self._rng), start=1))
        for number, group in enumerate(runs(buildings, BUILDINGS_PER_GRID), start=1):
            grid = self.tree.add(UnitKind.GRID, f"{ordinal(number)}网格", node)
            if estate.first and number == 1:
                self._appoint_cast(grid, {Role.GRID_LEADER})
            else:
                self._post(Role.GRID_LEADER, grid)
            for building, stairwells in group:
                self._building(grid, building, [next(shops) for _ in range(stairwells)], estate)

    def _bind_group(self, node: Node, estate: Estate) -> None:
        """Bind the station's WeCom group; the key is the one that the sandbox gives a group of this slug."""
        self._writer.add(
            GroupBinding,
            id=self._writer.new_id(GroupBinding),
            neighborhood_id=node.id,
            name=f"{estate.name}服务站群",
            robot_key_sealed=self._vault.seal(f"sandbox-robot-{estate.code.lower()}", "group.robot_key"),
            created_at=self._now,
            switched_off_at=None,
            switched_off_why=None,
        )

    def _open_station(self, node: Node, estate: Estate) -> None:
        """Write the station's record; its phone is made up like all of them."""
        self._writer.add(
            Station,
            id=self._writer.new_id(Station),
            neighborhood_id=node.id,
            name=f"{estate.name}物业服务站",
            phone="154-0000-0000",
            hours="每天8点到17点，急修全天",
            place="1号楼一层",
            starts_at=self._now,
        )

    def _answers_for_repairs(self, node: Node, person_id: int) -> None:
        """The other services have nobody yet: the coverage report has something to show."""
        self._writer.add(
            DutyAssignment,
            id=self._writer.new_id(DutyAssignment),
            neighborhood_id=node.id,
            domain_id=self._repairs,
            person_id=person_id,
            starts_at=self._now,
        )

    def _station(self, node: Node, estate: Estate) -> None:
        if estate.first:
            self._appoint_cast(node, {Role.STATION_MANAGER, Role.STATION_CLERK, Role.REPAIRER})
            self._answers_for_repairs(node, self.people.cast["li-shifu"])
            return
        self._answers_for_repairs(node, self._post(Role.STATION_MANAGER, node))
        self._post(Role.STATION_CLERK, node)
        # Two masters of one surname would both be 李师傅.
        for family in self._rng.sample(SURNAMES, REPAIRERS):
            self._post(Role.REPAIRER, node, family)

    def _post(self, role: Role, node: Node, family: str | None = None) -> int:
        person_id = self.people.worker(role, family)
        self.people.appoint(person_id, node.id, role)
        return person_id

    def _appoint_cast(self, node: Node, roles: set[Role]) -> None:
        for member in CAST:
            if member.role in roles:
                self.people.appoint(self.people.add_cast(member), node.id, member.role)

    def _building(self, grid: Node, number: int, shops: Sequence[int], estate: Estate) -> None:
        """Write a building; ``shops`` has, for each stairwell, how many ground-floor rooms are no homes."""
        building = self.tree.add(UnitKind.BUILDING, f"{number}号楼", grid)
        homes = 0
        for stairwell_number, shop_count in enumerate(shops, start=1):
            stairwell = self.tree.add(UnitKind.STAIRWELL, f"{stairwell_number}单元", building)
            landing = Landing(building, stairwell, number, stairwell_number)
            for door in doors(shop_count, self._rng):
                self._home(landing, door, estate)
                homes += 1
        self._progress(homes)

    def _home(self, landing: Landing, door: Door, estate: Estate) -> None:
        home_id = self._households.add_home(landing, door)
        member = CAST_HOMES.get(landing.code_of(door)) if estate.first else None
        if member is None:
            self._households.fill(landing, home_id)
        else:  # the cast's residents live alone, so that a story has no one else to think of
            self._households.move_in(landing, home_id, self.people.add_cast(member), ResidencyKind.OWNER)
