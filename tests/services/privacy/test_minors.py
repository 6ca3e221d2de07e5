"""Children: the guardian's consent comes first, the birthday is not kept, and taking consent back erases at once."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Consent, Person, Residency, ToldHow
from services import people
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import consents, minors, withdrawing
from services.privacy.minors import Child
from services.privacy.recording import Proof
from tests.world import NOW


def text_id(world, kind="child"):
    return next(one.text.id for one in consents.shown(world.session, now=NOW) if one.kind.code == kind)


def register(world, born=dt.date(2018, 5, 9), *, home=None, kind="child"):
    child = Child((home or world.place.home).id, "王小宝", born)
    return minors.register(
        world.session, actor=world.actor(world.resident), child=child, text_id=text_id(world, kind), vault=world.vault,
        now=NOW,
    )  # fmt: skip


@settings(max_examples=60)
@given(born=st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2030, 12, 31)))
def test_protection_never_ends_before_the_birthday_and_says_only_the_month(born):
    until = minors.protected_until(born, 14)
    birthday = dt.date(born.year + 14, born.month, min(born.day, 28))
    assert birthday < until <= birthday + dt.timedelta(days=31)
    assert until.day == 1


def test_a_child_is_written_down_with_the_guardians_consent(world):
    person = register(world)
    assert person.minor_until == dt.date(2032, 6, 1)
    assert people.is_minor(person, NOW)
    assert (person.name_masked, person.search_keys) == ("未成年人", [])
    assert world.vault.open(person.name_sealed, "person.name") == "王小宝"
    consent = world.session.scalars(sa.select(Consent)).one()
    assert (consent.person_id, consent.about_person_id) == (world.resident.id, person.id)
    home = world.session.scalar(sa.select(Residency.home_id).where(Residency.person_id == person.id))
    assert home == world.place.home.id


def register_for(world, *, by=None, home=None, proof=None):
    return minors.register_for(
        world.session, actor=world.actor(by or world.clerk), guardian_id=world.resident.id,
        child=Child((home or world.place.home).id, "王小宝", dt.date(2018, 5, 9)), text_id=text_id(world),
        proof=proof or Proof(ToldHow.SPOKEN, witness_id=world.neighbor.id), vault=world.vault, now=NOW,
    )  # fmt: skip


def test_the_station_writes_a_child_down_for_a_guardian_without_a_phone(world):
    person = register_for(world)
    consent = world.session.scalars(sa.select(Consent)).one()
    assert (consent.person_id, consent.about_person_id) == (world.resident.id, person.id)
    assert (consent.recorded_by_id, consent.witness_id) == (world.clerk.id, world.neighbor.id)


def test_not_without_a_proof_nor_elsewhere(world):
    with pytest.raises(InvalidInput):
        register_for(world, proof=Proof(ToldHow.PAPER))
    with pytest.raises(NotFound):
        register_for(world, home=world.place.other_home)
    with pytest.raises(NotFound):
        register_for(world, by=world.foreign_manager)
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 0


def test_only_in_ones_own_home(world):
    with pytest.raises(NotFound):
        register(world, home=world.place.other_home)


@pytest.mark.parametrize("born", [dt.date(2012, 10, 1), dt.date(2027, 1, 1)])
def test_only_below_fourteen(world, born):
    with pytest.raises(InvalidInput) as refused:
        register(world, born)
    assert refused.value.reason == "not_a_minor"


def test_a_yes_to_another_text_is_no_consent(world):
    with pytest.raises(InvalidInput) as refused:
        register(world, kind="share")
    assert refused.value.reason == "wrong_text"


def test_taking_the_consent_back_erases_the_child(world):
    person = register(world)
    told = {"person_id": person.id, "now": NOW + dt.timedelta(days=1)}
    with pytest.raises(NotFound):
        withdrawing.for_child(world.session, actor=world.actor(world.neighbor), **told)
    withdrawing.for_child(world.session, actor=world.actor(world.resident), **told)
    gone = world.session.get_one(Person, person.id, populate_existing=True)
    assert (gone.name_sealed, gone.minor_until) == (None, None)
    assert gone.erased_at is not None


def test_a_grown_up_of_the_household_is_not_declared_a_child(world):
    with pytest.raises(Conflict):
        minors.declare(
            world.session, actor=world.actor(world.resident), person_id=world.neighbor.id, born=dt.date(2018, 5, 9),
            text_id=text_id(world), now=NOW,
        )  # fmt: skip
