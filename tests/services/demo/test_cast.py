"""The named people of the made-up Benxi."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, Membership, OrgUnit, Person, Residency, ResidencyKind
from services.demo.cast import CAST, cast_people
from services.demo.plan import Plan
from services.permissions import ROLE_NAMES
from tests.services.demo.town import VAULT, fill


def first_neighborhood(session: Session) -> OrgUnit:
    return session.scalars(sa.select(OrgUnit).where(OrgUnit.code == "BX-CJ")).one()


def test_cast_is_found_by_phone(session: Session) -> None:
    assert cast_people(session, VAULT) == {}
    loaded = fill(session)
    people = cast_people(session, VAULT)
    assert list(people) == [member.slug for member in CAST]
    assert people == loaded.cast
    for member in CAST:
        person = session.get_one(Person, people[member.slug])
        assert person.name_sealed is not None
        assert VAULT.open(person.name_sealed, "person.name") == member.name
        assert person.known_as == member.known_as
        assert member.role in ROLE_NAMES


def test_cast_workers_have_their_post_in_the_first_neighborhood_or_above_it(session: Session) -> None:
    loaded = fill(session)
    path = first_neighborhood(session).path
    for member in CAST:
        held = session.scalars(sa.select(Membership).where(Membership.person_id == loaded.cast[member.slug])).all()
        assert [membership.role for membership in held] == ([] if member.home_code else [member.role])
        for membership in held:
            unit = session.get_one(OrgUnit, membership.unit_id)
            assert unit.path.startswith(path) or path.startswith(unit.path)


def test_cast_residents_live_alone_in_their_homes(session: Session) -> None:
    loaded = fill(session)
    homes = sa.select(Home).where(Home.neighborhood_id == first_neighborhood(session).id)
    for member in CAST:
        if member.home_code:
            home = session.scalars(homes.where(Home.code == member.home_code)).one()
            residency = session.scalars(sa.select(Residency).where(Residency.home_id == home.id)).one()
            assert (residency.person_id, residency.kind) == (loaded.cast[member.slug], ResidencyKind.OWNER)
            assert home.label in member.description


def test_sun_min_leads_the_grid_of_building_one(session: Session) -> None:
    loaded = fill(session, Plan())
    building = session.scalars(sa.select(OrgUnit).where(OrgUnit.name == "1号楼")).one()
    led = session.scalars(sa.select(Membership.unit_id).where(Membership.person_id == loaded.cast["sun-min"])).one()
    assert building.parent_id == led
