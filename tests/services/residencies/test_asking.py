"""Asking for a home: which one, what shows it, and what is told when it is there already."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Evidence, Person, RequestState, ResidencyKind, ResidencyPhoto, ResidencyRule, StoredFile
from services import access
from services.errors import Conflict, InvalidInput, NotFound
from services.homes import pointing
from services.homes.pointing import Where
from services.residencies import answering, asking
from tests.services.acting import photo
from tests.services.residencies.claims import (
    another_home,
    approve,
    asked,
    claim,
    newcomer,
    read_by,
    request_of,
    residency_of,
)
from tests.world import NOW

K, S = ResidencyKind, RequestState


def refused(world, error, person, *, home=None, **more):
    with pytest.raises(error) as caught:
        asked(world, person, home=home or world.place.home, **more)
    return caught.value


def test_an_owner_goes_to_the_station_and_is_told_until_when(world):
    person = newcomer(world)
    request = asked(world, person, home=another_home(world, "501"))
    assert request.state is S.SUBMITTED
    assert request.due_at == dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)  # Monday morning and three working days
    assert "11月26日 09:00前答复" in read_by(world, person)[-1]
    assert "请在11月26日 09:00前审核" in read_by(world, world.manager)[-1]


def test_working_days_leave_out_the_weekend(world):
    friday = dt.datetime(2026, 11, 27, 1, 0, tzinfo=dt.UTC)
    request = asked(world, newcomer(world), home=another_home(world, "501"), now=friday)
    assert request.due_at == dt.datetime(2026, 12, 2, 1, 0, tzinfo=dt.UTC)


def test_a_neighborhood_may_have_periods_of_its_own(world):
    world.session.add(
        ResidencyRule(
            neighborhood_id=world.place.neighborhood.id, review_days=1, owner_days=7, vouchers=3,
            since=dt.date(2026, 1, 1), source="本小区居民会议定的",
        )
    )  # fmt: skip
    request = asked(world, newcomer(world), home=world.place.home, kind=K.TENANT)
    assert request.due_at == NOW + dt.timedelta(days=7)


@pytest.mark.parametrize("kind", [K.TENANT, K.FAMILY, K.OCCUPANT, K.AGENT])
def test_who_does_not_own_is_for_the_owner_to_confirm(world, kind):
    request = asked(world, newcomer(world), home=world.place.home, kind=kind)
    assert request.state is S.WAITING_OWNER
    assert request.due_at == NOW + dt.timedelta(days=3)
    assert "马*兰" in read_by(world, world.resident)[-1]


def test_without_an_owner_on_the_books_the_station_decides(world):
    assert asked(world, newcomer(world), home=another_home(world, "501"), kind=K.TENANT).state is S.SUBMITTED


def test_a_number_of_a_paper_is_sealed_and_shown_masked(world):
    request = asked(world, newcomer(world), home=another_home(world, "501"), document="辽2020-0001234")
    assert world.vault.open(request.document_sealed, asking.LABEL) == "辽2020-0001234"
    assert "0001" not in request.document_masked


def test_a_photo_of_a_paper_is_seen_by_who_reviews_it_and_by_nobody_else(world):
    person = newcomer(world)
    token = photo(world, person)
    asked(world, person, home=world.place.home, kind=K.CO_OWNER, document=None, photos=(token,))
    for name in ("manager", "clerk", "grid_leader"):
        assert access.photo_for(world.session, world.actor(getattr(world, name)), token).token == token
    for name in ("resident", "neighbor", "repairer", "stranger", "foreign_manager"):
        with pytest.raises(NotFound):
            access.photo_for(world.session, world.actor(getattr(world, name)), token)


def test_a_photo_is_used_once(world):
    person = newcomer(world)
    token = photo(world, person)
    asked(world, person, home=another_home(world, "501"), photos=(token,))
    with pytest.raises(NotFound):
        asked(world, person, home=another_home(world, "502"), photos=(token,))


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (K.OWNER, {"evidence": Evidence.OWNER_WORD}, "evidence_unfit"),
        (K.TENANT, {"evidence": Evidence.VOUCHING}, "evidence_unfit"),
        (K.OWNER, {"evidence": Evidence.IMPORT}, "evidence_unfit"),
        (K.OWNER, {"document": None}, "evidence_missing"),
        (K.OWNER, {"document": "  "}, "evidence_missing"),
        (K.TENANT, {"share_numerator": 1, "share_denominator": 2}, "share_of_no_owner"),
        (K.CO_OWNER, {"share_numerator": 3, "share_denominator": 2}, "share_invalid"),
        (K.CO_OWNER, {"share_numerator": 1}, "share_invalid"),
        (K.OWNER, {"since": dt.date(2026, 11, 24)}, "since_invalid"),
        (K.OWNER, {"since": dt.date(1899, 12, 31)}, "since_invalid"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(world, kind, more, code):
    assert refused(world, InvalidInput, newcomer(world), kind=kind, **more).reason == code


def test_whoever_has_no_name_yet_is_asked_for_it_first(world):
    person = Person(created_at=NOW)
    world.session.add(person)
    world.session.flush()
    assert refused(world, Conflict, person).reason == "name_needed"


def test_a_second_request_for_the_same_home_is_refused_kindly(world):
    person = newcomer(world)
    asked(world, person, home=world.place.home, kind=K.TENANT)
    said = refused(world, Conflict, person, kind=K.FAMILY)
    assert (said.reason, said.facts) == ("request_open", {"state": "waiting_owner"})
    assert "等房主确认" in said.detail


def test_what_one_is_already_needs_no_request(world):
    assert refused(world, Conflict, world.resident).reason == "already_resident"


def test_five_requests_at_a_time_are_enough(world):
    person = newcomer(world)
    for number in range(5):
        asked(world, person, home=another_home(world, f"60{number}"))
    assert refused(world, Conflict, person).reason == "too_many_requests"


def test_a_withdrawn_request_makes_room_for_another(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.TENANT)
    asking.withdraw(world.session, actor=world.actor(person), request_id=request.id, now=NOW)
    assert asked(world, person, home=world.place.home, kind=K.FAMILY).state is S.WAITING_OWNER


def test_a_returned_request_is_mended_and_handed_in_again(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.CO_OWNER)
    manager = world.actor(world.manager)
    answering.send_back(world.session, actor=manager, request_id=request.id, words="照片看不清。", now=NOW)
    assert "站里退回了，原因：照片看不清。请补一张清楚的照片" in read_by(world, person)[-1]
    token = photo(world, person)
    mended = claim(K.CO_OWNER, document=None, photos=(token,), share_numerator=1, share_denominator=2)
    asking.resubmit(
        world.session, actor=world.actor(person), request_id=request.id, claim=mended, vault=world.vault, now=NOW
    )
    request = request_of(world, request)
    assert (request.state, request.reason, request.share_numerator) == (S.SUBMITTED, None, 1)
    file_id = world.session.scalar(sa.select(ResidencyPhoto.file_id).where(ResidencyPhoto.request_id == request.id))
    assert world.session.get_one(StoredFile, file_id).token == token
    approve(world, request)
    assert residency_of(world, person, world.place.home).share_denominator == 2


@pytest.mark.parametrize("spoken", ["1号楼1单元201", "1-1-201", "一号楼一单元201室", "1栋1单元201"])
def test_a_home_is_found_as_people_say_it(world, spoken):
    code = world.place.neighborhood.code
    assert pointing.find_home(world.session, Where(neighborhood_code=f" {code.lower()} ", address=spoken)).id == (
        world.place.home.id
    )


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (Where(home_id=987654321), "home_not_found"),
        (Where(), "home_unclear"),
        (Where(neighborhood_code="BX-NOWHERE", address="1号楼1单元201"), "home_unclear"),
    ],
)
def test_a_home_that_is_not_there_is_not_found(world, where, code):
    with pytest.raises((NotFound, InvalidInput)) as caught:
        pointing.find_home(world.session, where)
    assert caught.value.reason == code


def test_an_address_that_nobody_has_is_not_found(world):
    with pytest.raises(NotFound):
        pointing.find_home(
            world.session, Where(neighborhood_code=world.place.neighborhood.code, address="9号楼9单元901")
        )
