"""A consent that was spoken before a witness, or signed on paper: whole evidence, and nobody on two sides."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    ActingArea,
    AgentRelation,
    AuditEntry,
    Mandate,
    MandateConsent,
    MandateRule,
    MandateState,
    MandateText,
    Person,
    WeChatAccount,
)
from services.clocks import DAY
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import recording, rules
from services.mandates.giving import Terms
from services.mandates.recording import Evidence
from services.org.persons import Who
from services.residencies import invitations
from tests.proxies import mandate
from tests.refusals import raises_refusal
from tests.services.acting import photo
from tests.world import LONG_AGO, NOW

HOUR = dt.timedelta(hours=1)
DAUGHTER = Who(name="李红", phone="139 4141 0001")


def text(world, consent=MandateConsent.SPOKEN):
    return rules.texts(world.session, NOW)[consent].id


def spoken(world, **changes):
    evidence = {
        "consent": MandateConsent.SPOKEN,
        "text_id": text(world),
        "at": NOW - HOUR,
        "witness": Who(person_id=world.grid_leader.id),
    }
    return Evidence(**(evidence | changes))


def record(world, *areas, actor=None, principal=None, agent=DAUGHTER, evidence=None):
    return recording.record(
        world.session,
        actor=actor or world.actor(world.clerk),
        neighborhood_id=world.place.neighborhood.id,
        principal_id=(principal or world.resident).id,
        agent=agent,
        terms=Terms(AgentRelation.DAUGHTER, frozenset(areas) or frozenset({ActingArea.TICKETS})),
        evidence=evidence or spoken(world),
        vault=world.vault,
        now=NOW,
    )


def test_a_spoken_consent_counts_at_once_with_who_heard_it_and_which_words(world):
    made = record(world).mandate
    assert (made.state, made.consented_at) == (MandateState.IN_FORCE, NOW - HOUR)
    assert (made.recorded_by_id, made.witness_id) == (world.clerk.id, world.grid_leader.id)
    assert "我愿意" in rules.words(world.session, made.text_id)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "mandate.recorded")).one()
    assert entry.detail == {
        "agent_id": made.agent_id,
        "areas": ["tickets"],
        "consent": "spoken",
        "text_id": made.text_id,
    }


def test_an_agent_who_is_new_gets_a_code_that_binds_their_phone(world):
    made = record(world)
    newcomer = world.actor(world.stranger)
    fresh = Person(created_at=LONG_AGO)
    world.session.add(fresh)
    world.session.flush()
    account = world.session.get_one(WeChatAccount, newcomer.account_id)
    account.person_id = fresh.id
    invitations.redeem(world.session, actor=newcomer, code=made.agent_code, now=NOW)
    assert account.person_id == made.mandate.agent_id


def test_an_agent_who_has_a_phone_needs_no_code(world):
    world.actor(world.far_neighbor)
    assert record(world, agent=Who(person_id=world.far_neighbor.id)).agent_code is None


def signed(world, token):
    """A consent on a sheet of paper that was photographed."""
    return spoken(
        world,
        consent=MandateConsent.PAPER,
        text_id=text(world, MandateConsent.PAPER),
        witness=None,
        photo=token,
    )


def test_a_paper_is_kept_as_a_photo_that_is_used_once(world):
    paper = signed(world, photo(world, world.clerk))
    assert record(world, ActingArea.VOTES, evidence=paper).mandate.file_id is not None
    with pytest.raises(NotFound) as refusal:
        record(world, principal=world.far_neighbor, evidence=paper)
    assert refusal.value.reason == "photo_not_found"


def seen(world):
    """Who looked at the photo of a signed paper."""
    query = sa.select(AuditEntry.actor_id, AuditEntry.about_person_id)
    return world.session.execute(query.where(AuditEntry.action == "mandate.paper_seen")).all()


@pytest.mark.parametrize("who", ["manager", "grid_leader", "resident", "far_neighbor"])
def test_the_paper_opens_for_both_sides_and_the_station_and_the_principal_reads_who_looked(world, who):
    token = photo(world, world.clerk)
    made = record(world, agent=Who(person_id=world.far_neighbor.id), evidence=signed(world, token)).mandate
    looker = getattr(world, who)
    assert recording.open_paper(world.session, actor=world.actor(looker), mandate_id=made.id, now=NOW) == token
    assert seen(world) == [(looker.id, world.resident.id)]


@pytest.mark.parametrize("who", ["foreign_manager", "stranger", "neighbor", "repairer"])
def test_to_everybody_else_there_is_no_such_paper(world, who):
    made = record(world, evidence=signed(world, photo(world, world.clerk))).mandate
    with raises_refusal(NotFound, "mandate_not_found"):
        recording.open_paper(world.session, actor=world.actor(getattr(world, who)), mandate_id=made.id, now=NOW)
    assert seen(world) == []


def test_a_spoken_consent_has_no_paper_to_open(world):
    made = record(world).mandate
    with raises_refusal(NotFound, "paper_not_found"):
        recording.open_paper(world.session, actor=world.actor(world.manager), mandate_id=made.id, now=NOW)
    assert seen(world) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"witness": None}, "witness_missing"),
        ({"at": NOW + HOUR}, "dates_invalid"),
        ({"at": NOW - 31 * DAY - HOUR}, "dates_invalid"),
        ({"consent": MandateConsent.PAPER}, "text_invalid"),
        ({"text_id": 999_999}, "text_invalid"),
        ({"consent": MandateConsent.IN_APP}, "consent_invalid"),
    ],
)
def test_evidence_that_is_not_whole_is_refused_and_writes_nothing(world, changes, reason):
    with pytest.raises(InvalidInput) as refusal:
        record(world, evidence=spoken(world, **changes))
    assert refusal.value.reason == reason
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Mandate)) == 0


def test_old_words_are_read_out_anew(world):
    old = text(world)
    world.session.add(
        MandateText(consent=MandateConsent.SPOKEN, version=2, words="新的话", since=dt.date(2026, 11, 1), source="测试")
    )
    world.session.flush()
    with pytest.raises(InvalidInput) as refusal:
        record(world, evidence=spoken(world, text_id=old))
    assert "念一遍" in refusal.value.detail


def test_words_of_a_day_to_come_do_not_count_yet(world):
    old = text(world)
    world.session.add(
        MandateText(
            consent=MandateConsent.SPOKEN, version=2, words="以后的话", since=dt.date(2026, 11, 24), source="测试"
        )
    )
    world.session.flush()
    assert text(world) == old


@pytest.mark.parametrize("who", ["resident", "clerk"])
def test_the_witness_is_a_fourth_person(world, who):
    with pytest.raises(InvalidInput) as refusal:
        record(world, evidence=spoken(world, witness=Who(person_id=getattr(world, who).id)))
    assert refusal.value.reason == "witness_invalid"


def test_the_witness_is_not_the_agent(world):
    with pytest.raises(InvalidInput) as refusal:
        record(
            world,
            agent=Who(person_id=world.grid_leader.id),
            evidence=spoken(world, witness=Who(person_id=world.grid_leader.id)),
        )
    assert refusal.value.reason == "witness_invalid"


def test_nobody_records_a_mandate_for_themselves(world):
    with pytest.raises(Conflict) as refusal:
        record(world, agent=Who(person_id=world.clerk.id))
    assert refusal.value.reason == "recorded_by_a_party"


def test_to_vote_a_spoken_word_is_not_enough_unless_the_place_says_so(world):
    with pytest.raises(InvalidInput) as refusal:
        record(world, ActingArea.VOTES)
    assert refusal.value.reason == "votes_in_writing"
    world.session.add(
        MandateRule(
            neighborhood_id=world.place.neighborhood.id,
            usual_days=30,
            most_days=60,
            offer_days=7,
            votes_most=1,
            votes_by_word=True,
            since=dt.date(2026, 1, 1),
            source="本小区议事规则",
        )
    )
    world.session.flush()
    made = record(world, ActingArea.VOTES).mandate
    assert made.ends_at - NOW < 32 * DAY


def test_only_residents_below_the_own_node_are_principals(world):
    leader = world.actor(world.grid_leader)
    evidence = spoken(world, witness=Who(person_id=world.neighbor.id))
    assert record(world, actor=leader, evidence=evidence).mandate.principal_id == world.resident.id
    for person in (world.far_neighbor, world.stranger, world.clerk):
        with pytest.raises(NotFound):
            record(world, actor=leader, principal=person, evidence=evidence)


def test_a_second_one_between_two_is_refused(world):
    mandate(world, world.far_neighbor)
    with pytest.raises(Conflict) as refusal:
        record(world, agent=Who(person_id=world.far_neighbor.id))
    assert refusal.value.reason == "has_mandate"
