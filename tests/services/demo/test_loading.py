"""The made-up Benxi: its tree, its people, and that nothing readable is kept of them."""

from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    AreaBasis,
    Asset,
    DutyAssignment,
    GroupBinding,
    Home,
    HomeArea,
    HomeUsePeriod,
    Membership,
    OrgUnit,
    Person,
    PersonKeyKind,
    PersonSearchKey,
    Residency,
    ResidencyKind,
    Role,
    ServiceDomain,
    Station,
    UnitKind,
)
from services.demo import bulk
from services.demo.loading import load
from services.demo.plan import Plan
from services.errors import Conflict
from services.search_keys import keys_to_find
from services.vault import normal_phone
from tests.services.demo.town import NOW, TOWN, VAULT, fill, how_many, readable, units


def test_default_town_is_one_neighborhood_of_fourteen_buildings(session: Session) -> None:
    loaded = fill(session, Plan())
    neighborhood = session.scalars(sa.select(OrgUnit).where(OrgUnit.kind == UnitKind.NEIGHBORHOOD)).one()
    assert (neighborhood.name, neighborhood.code) == ("彩进小区", "BX-CJ")
    names = session.scalars(sa.select(OrgUnit.name).where(OrgUnit.kind == UnitKind.BUILDING).order_by(OrgUnit.id)).all()
    assert names == [f"{number}号楼" for number in range(1, 15)]
    assert (loaded.neighborhoods, loaded.buildings, loaded.homes) == (1, 14, 600)
    assert 3.0 < loaded.residencies / loaded.homes < 3.4
    assert session.scalar(sa.select(Home.label).where(Home.code == "14-2-501")) == "14号楼2单元501室"


def test_counts_and_progress_are_what_is_in_the_database(session: Session) -> None:
    steps: list[int] = []
    loaded = load(session, vault=VAULT, now=NOW, plan=TOWN, progress=steps.append)
    assert sum(steps) == TOWN.homes
    assert loaded.units == how_many(session, OrgUnit)
    assert loaded.homes == how_many(session, Home) == TOWN.homes
    assert loaded.persons == how_many(session, Person) == loaded.residencies + loaded.memberships
    assert loaded.residencies == how_many(session, Residency)
    assert loaded.memberships == how_many(session, Membership)
    assert loaded.groups == how_many(session, GroupBinding) == loaded.neighborhoods == TOWN.neighborhoods


def test_small_batches_keep_parents_before_children(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    assert fill(session, Plan(homes=60)).homes == how_many(session, Home) == 60


def test_every_node_stands_rightly_below_its_parent(session: Session) -> None:
    fill(session)
    found = units(session)
    order = list(UnitKind)
    for unit in found.values():
        parent = found[unit.parent_id] if unit.parent_id else None
        assert unit.path == f"{parent.path if parent else '/'}{unit.id}/"
        assert order.index(unit.kind) == (order.index(parent.kind) + 1 if parent else 0)


def test_neighborhood_is_known_from_its_level_down(session: Session) -> None:
    fill(session)
    found = units(session)
    for unit in found.values():
        above = [found[int(part)] for part in unit.path.strip("/").split("/")]
        neighborhoods = {node.id for node in above if node.kind is UnitKind.NEIGHBORHOOD}
        assert unit.neighborhood_id == (neighborhoods.pop() if neighborhoods else None)


def test_names_and_codes_of_neighborhoods_are_unique(session: Session) -> None:
    fill(session, Plan(neighborhoods=40, homes=2400))
    rows = session.execute(sa.select(OrgUnit.name, OrgUnit.code).where(OrgUnit.kind == UnitKind.NEIGHBORHOOD)).all()
    assert len({name for name, _ in rows}) == len({code for _, code in rows}) == 40
    assert all(code is not None and len(code) == 5 and code.startswith("BX-") for _, code in rows)
    districts = session.scalars(sa.select(OrgUnit.name).where(OrgUnit.kind == UnitKind.DISTRICT))
    assert set(districts) == {"平山区", "溪湖区", "明山区", "南芬区"}


def test_homes_stand_in_their_stairwell_and_building(session: Session) -> None:
    fill(session)
    found = units(session)
    for home in session.scalars(sa.select(Home)):
        assert home.stairwell_id is not None
        stairwell, building = found[home.stairwell_id], found[home.building_id]
        assert stairwell.parent_id == building.id
        assert home.neighborhood_id == building.neighborhood_id
        assert home.label == f"{building.name}{stairwell.name}{home.room}室"
        assert home.code == f"{building.name}-{stairwell.name}-{home.room}".replace("号楼", "").replace("单元", "")
        assert home.floor == int(home.room[:-2])
        assert 4500 <= (home.area_centi or 0) <= 7000


def test_every_home_has_one_owner_and_residencies_began_in_the_past(session: Session) -> None:
    fill(session)
    homes = {home.id: home.neighborhood_id for home in session.scalars(sa.select(Home))}
    owners: Counter[int] = Counter()
    for residency in session.scalars(sa.select(Residency)):
        owners[residency.home_id] += residency.kind is ResidencyKind.OWNER
        assert residency.neighborhood_id == homes[residency.home_id]
        assert residency.starts_at < NOW
    assert owners == Counter(dict.fromkeys(homes, 1))


def test_every_station_is_staffed_and_every_building_has_a_grid_leader(session: Session) -> None:
    fill(session)
    found = units(session)
    posts: dict[int, list[Role]] = {}
    for membership in session.scalars(sa.select(Membership)):
        posts.setdefault(membership.unit_id, []).append(membership.role)
    expected = {
        UnitKind.DISTRICT: [Role.DISTRICT_OFFICER],
        UnitKind.SUBDISTRICT: [Role.SUBDISTRICT_OFFICER],
        UnitKind.COMMUNITY: [Role.COMMUNITY_OFFICER],
        UnitKind.NEIGHBORHOOD: [Role.REPAIRER, Role.REPAIRER, Role.STATION_CLERK, Role.STATION_MANAGER],
        UnitKind.GRID: [Role.GRID_LEADER],
    }
    for unit in found.values():
        assert sorted(posts.get(unit.id, [])) == expected.get(unit.kind, [])
        if unit.kind is UnitKind.BUILDING and unit.parent_id:
            assert posts[unit.parent_id] == [Role.GRID_LEADER]


def test_repairers_of_a_station_are_not_called_alike(session: Session) -> None:
    fill(session, Plan(neighborhoods=40, homes=2400))
    called = session.execute(
        sa.select(Membership.unit_id, Person.known_as)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role == Role.REPAIRER)
    ).all()
    assert len(called) == len({(unit_id, called_by) for unit_id, called_by in called if called_by}) == 80


def test_names_and_phones_are_sealed_and_masked(session: Session) -> None:
    fill(session, Plan(homes=60))
    for person in session.scalars(sa.select(Person)):
        assert person.name_sealed is not None
        assert person.name_masked is not None
        name = VAULT.open(person.name_sealed, "person.name")
        assert name.encode() not in person.name_sealed
        assert person.name_masked == (f"{name[0]}*{name[2]}" if len(name) == 3 else f"{name[0]}*")
        if person.phone_sealed is None:
            assert person.phone_masked is person.phone_hash is None
            continue
        phone = VAULT.open(person.phone_sealed, "person.phone")
        assert phone.encode() not in person.phone_sealed
        assert person.phone_masked == f"154****{phone[-4:]}"
        assert person.phone_hash == VAULT.fingerprint(phone, "person.phone")


def test_phones_are_unique_and_of_the_range_that_nobody_has(session: Session) -> None:
    fill(session)
    phones = [
        VAULT.open(sealed, "person.phone") for sealed in session.scalars(sa.select(Person.phone_sealed)) if sealed
    ]
    assert len(phones) == len(set(phones))
    assert all(phone.startswith("+86154") and normal_phone(phone.removeprefix("+86")) == phone for phone in phones)
    assert how_many(session, Person) * 0.7 < len(phones) < how_many(session, Person)


def test_groups_have_the_sandbox_robot_of_their_neighborhood(session: Session) -> None:
    fill(session)
    found = units(session)
    for group in session.scalars(sa.select(GroupBinding)):
        neighborhood = found[group.neighborhood_id]
        assert group.name == f"{neighborhood.name}服务站群"
        key = VAULT.open(group.robot_key_sealed, "group.robot_key")
        assert key == f"sandbox-robot-{neighborhood.code}".lower()
        assert group.switched_off_at is None


def test_one_seed_gives_one_town(session: Session) -> None:
    towns = []
    for seed in (7, 7, 8):
        before = session.begin_nested()
        fill(session, Plan(neighborhoods=2, homes=150, seed=seed))
        towns.append(readable(session))
        before.rollback()
    assert towns[0] == towns[1]
    assert towns[0] != towns[2]


def test_each_neighborhood_has_a_station_and_somebody_for_repairs_only(session: Session) -> None:
    fill(session)
    neighborhoods = set(session.scalars(sa.select(OrgUnit.id).where(OrgUnit.kind == UnitKind.NEIGHBORHOOD)))
    assert set(session.scalars(sa.select(Station.neighborhood_id))) == neighborhoods
    codes = session.execute(
        sa.select(DutyAssignment.neighborhood_id, ServiceDomain.code).join(
            ServiceDomain, ServiceDomain.id == DutyAssignment.domain_id
        )
    )
    assert {tuple(row) for row in codes} == {(one, "repair") for one in neighborhoods}


def test_every_home_has_an_area_with_its_basis_and_some_have_sheds(session: Session) -> None:
    fill(session)
    bases = Counter(session.scalars(sa.select(HomeArea.basis)))
    assert sum(bases.values()) == how_many(session, Home)
    assert {AreaBasis.REGISTERED, AreaBasis.CONTRACT, AreaBasis.SELF_DECLARED} == set(bases)
    differing = sa.select(Home.id).join(HomeArea, HomeArea.home_id == Home.id)
    assert session.scalars(differing.where(HomeArea.area_centi != Home.area_centi)).all() == []
    assert how_many(session, HomeUsePeriod) == how_many(session, Home)
    owned = session.execute(sa.select(Asset.code, Home.code).join(Home, Home.id == Asset.home_id)).all()
    assert len(owned) > 200
    assert all(shed.partition("-")[0] == home.partition("-")[0] for shed, home in owned)


def test_everybody_can_be_looked_for(session: Session) -> None:
    loaded = fill(session)
    keys = keys_to_find(VAULT, PersonKeyKind.INITIALS, "wgl")
    found = session.scalars(sa.select(PersonSearchKey.person_id).where(PersonSearchKey.key.in_(keys))).all()
    assert loaded.cast["wang-guilan"] in found
    known = session.scalar(sa.select(sa.func.count(sa.distinct(PersonSearchKey.person_id))))
    assert known == loaded.persons


def test_numbering_goes_on_after_the_loaded_rows(session: Session) -> None:
    session.add(Person(name_masked="早*", created_at=NOW))
    fill(session, Plan(homes=60))
    last = session.scalar(sa.select(sa.func.max(Person.id))) or 0
    later = Person(name_masked="晚*", created_at=NOW)
    session.add(later)
    session.flush()
    assert later.id == last + 1


def test_refuses_a_database_that_has_units(session: Session) -> None:
    fill(session, Plan(homes=60))
    with pytest.raises(Conflict, match="空的数据库"):
        fill(session, Plan(homes=60))
    assert how_many(session, Home) == 60


def test_refuses_a_database_without_tables() -> None:
    with Session(sa.create_engine("sqlite://")) as bare, pytest.raises(Conflict, match="flask db upgrade"):
        fill(bare)
