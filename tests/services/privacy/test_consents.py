"""Consents: exact texts, one answer a kind, withdrawn at once, asked again only when a text has really changed."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import AuditEntry, Consent, ConsentText, InboxItem, ToldHow
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.privacy import consents, recording, withdrawing
from services.privacy.recording import Proof
from tests.services.acting import photo
from tests.world import NOW

LATER = NOW + dt.timedelta(days=1)


def text_of(world, kind):
    return next(one.text for one in consents.shown(world.session, now=LATER) if one.kind.code == kind)


def say(world, kind="care", given=True, now=NOW, **more):
    actor = world.actor(world.resident)
    return consents.answer(world.session, actor=actor, text_id=text_of(world, kind).id, given=given, now=now, **more)


def new_text(world, kind="care", *, asks_again):
    present = text_of(world, kind)
    text = ConsentText(
        kind_code=kind, version=present.version + 1, title=present.title, body=present.body + "新的一句。",
        effect=present.effect, changed="多了一句。", asks_again=asks_again, since=NOW,
    )  # fmt: skip
    world.session.add(text)
    world.session.flush()
    return text


def standing(world, kind="care", now=LATER):
    rows = consents.standing(world.session, person_id=world.resident.id, now=now)
    return next(row for row in rows if row["kind"] == kind)


def holds(world, now=LATER):
    return consents.holds(world.session, person_id=world.resident.id, kind="care", now=now)


def test_at_first_everything_is_asked(world):
    rows = consents.standing(world.session, person_id=world.resident.id, now=NOW)
    assert [row["kind"] for row in rows] == ["notice", "care", "child", "share", "publish"]
    assert all(row["ask"] and row["answer"] is None for row in rows)
    assert [row["kind"] for row in rows if row["asked_at_start"]] == ["notice"]


def test_a_yes_counts_and_is_not_asked_again(world):
    say(world)
    assert holds(world)
    assert standing(world)["ask"] is False


def test_a_no_is_kept_and_not_asked_again(world):
    say(world, given=False)
    assert not holds(world)
    assert standing(world)["ask"] is False
    assert standing(world)["answer"] == "declined"


def test_the_last_answer_counts(world):
    say(world, given=False)
    say(world, given=True, now=LATER)
    assert holds(world)
    ended = world.session.scalars(sa.select(Consent.end_why).order_by(Consent.id)).all()
    assert ended == ["changed", None]


@pytest.mark.parametrize("asks_again", [True, False])
def test_a_new_text_is_asked_only_if_it_changes_the_matter(world, asks_again):
    say(world)
    new_text(world, asks_again=asks_again)
    assert standing(world)["ask"] is asks_again
    assert holds(world) is not asks_again


def test_a_small_change_after_a_great_one_does_not_bring_old_answers_back(world):
    say(world)
    new_text(world, asks_again=True)
    new_text(world, asks_again=False)
    assert not holds(world)


def test_an_answer_to_an_old_text_is_refused(world):
    old = text_of(world, "care")
    new_text(world, asks_again=False)
    with pytest.raises(Conflict) as refused:
        consents.answer(world.session, actor=world.actor(world.resident), text_id=old.id, given=True, now=LATER)
    assert refused.value.reason == "text_changed"


def test_a_text_that_nobody_wrote_is_not_found(world):
    with pytest.raises(NotFound):
        consents.answer(world.session, actor=world.actor(world.resident), text_id=9_999, given=True, now=NOW)


def test_what_only_informs_cannot_be_declined_or_withdrawn(world):
    with pytest.raises(InvalidInput):
        say(world, "notice", given=False)
    say(world, "notice")
    with pytest.raises(Conflict) as refused:
        withdraw(world, "notice")
    assert refused.value.reason == "not_a_consent"


def withdraw(world, kind="care"):
    return withdrawing.withdraw(
        world.session, actor=world.actor(world.resident), about_person_id=world.resident.id, kind=kind, now=LATER
    )


def test_withdrawing_works_at_once_and_once(world):
    say(world)
    withdraw(world)
    assert not holds(world)
    with pytest.raises(Conflict) as refused:
        withdraw(world)
    assert refused.value.reason == "nothing_to_withdraw"


def test_every_answer_stands_in_the_audit_trail_without_words(world):
    say(world)
    withdraw(world)
    rows = world.session.execute(
        sa.select(AuditEntry.action, AuditEntry.about_person_id, AuditEntry.detail).order_by(AuditEntry.id)
    ).all()
    assert [row.action for row in rows] == ["consent.given", "consent.withdrawn"]
    assert {row.about_person_id for row in rows} == {world.resident.id}
    assert set(rows[0].detail) == {"kind", "how", "text_id", "version"}


def test_nobody_agrees_for_another(world):
    actor = world.actor(world.resident)
    helped = type(actor)(**{**vars(actor), "agent_id": world.neighbor.id})
    with pytest.raises(WrongHat) as refused:
        consents.answer(world.session, actor=helped, text_id=text_of(world, "care").id, given=True, now=NOW)
    assert refused.value.reason == "own_hands"


def record(world, proof, *, actor=None, person=None):
    return recording.record(
        world.session,
        actor=world.actor(actor or world.clerk),
        person_id=(person or world.resident).id,
        text_id=text_of(world, "care").id,
        given=True,
        proof=proof,
        vault=world.vault,
        now=NOW,
    )


def test_a_word_before_a_witness_is_written_down_and_the_person_told(world):
    made = record(world, Proof(ToldHow.SPOKEN, witness_id=world.neighbor.id))
    assert (made.person_id, made.recorded_by_id, made.witness_id) == (
        world.resident.id, world.clerk.id, world.neighbor.id,
    )  # fmt: skip
    body = world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == world.resident.id)).one()
    assert "关怀登记" in body
    assert holds(world)


def test_a_signed_paper_is_photographed_or_filed(world):
    made = record(world, Proof(ToldHow.PAPER, photo=photo(world, world.clerk)))
    assert made.file_id is not None
    assert record(world, Proof(ToldHow.PAPER, paper_place="2026年第3本")).paper_place == "2026年第3本"


@pytest.mark.parametrize(
    "proof",
    [
        lambda world: Proof(ToldHow.SPOKEN),
        lambda world: Proof(ToldHow.SPOKEN, witness_id=world.clerk.id),
        lambda world: Proof(ToldHow.SPOKEN, witness_id=world.resident.id),
        lambda world: Proof(ToldHow.PAPER),
        lambda world: Proof(ToldHow.APP),
    ],
)
def test_without_a_proof_nothing_is_written(world, proof):
    with pytest.raises(InvalidInput):
        record(world, proof(world))
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 0


def test_a_station_writes_down_nothing_for_people_elsewhere(world):
    with pytest.raises(NotFound):
        record(world, Proof(ToldHow.SPOKEN, witness_id=world.foreign_repairer.id), actor=world.foreign_manager)


def test_a_no_on_the_phone_needs_no_proof(world):
    say(world)
    recording.withdraw(
        world.session, actor=world.actor(world.clerk), person_id=world.resident.id, kind="care", vault=world.vault,
        now=LATER,
    )  # fmt: skip
    assert not holds(world)


def test_a_text_is_never_changed(world):
    change = sa.text("update consent_text set body = 'x'")
    with pytest.raises(DBAPIError, match="append-only"):
        world.session.execute(change)


def test_two_open_answers_to_one_kind_are_refused_by_the_database(world):
    one = say(world)
    double = Consent(
        person_id=one.person_id, about_person_id=one.about_person_id, kind_code="care", text_id=one.text_id,
        answer=one.answer, at=NOW, how=ToldHow.APP,
    )  # fmt: skip
    world.session.add(double)
    with pytest.raises(IntegrityError):
        world.session.flush()


def on_paper(world, **proof):
    """A consent of the resident that the manager wrote down from a signed paper."""
    return recording.record(
        world.session, actor=world.actor(world.manager), person_id=world.resident.id,
        text_id=text_of(world, "care").id, given=True, proof=Proof(ToldHow.PAPER, **proof), vault=world.vault, now=NOW,
    )  # fmt: skip


def open_paper(world, who, consent, person=None):
    return recording.open_paper(
        world.session, actor=world.actor(who), person_id=(person or world.resident).id, consent_id=consent.id,
        vault=world.vault, now=NOW,
    )  # fmt: skip


def test_the_photo_of_a_signed_paper_opens_for_whoever_may_record_and_the_person_reads_of_it(world):
    taken = photo(world, world.manager)
    consent = on_paper(world, photo=taken)
    assert open_paper(world, world.community_officer, consent) == taken
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "consent.paper_seen")).one()
    assert (entry.actor_id, entry.about_person_id) == (world.community_officer.id, world.resident.id)
    assert standing(world)["has_paper"] is True


@pytest.mark.parametrize("why", ["nothing was photographed", "somebody else's", "another neighborhood"])
def test_no_paper_is_shown_where_there_is_none_to_show(world, why):
    consent = on_paper(
        world, **({"paper_place": "蓝本子"} if why.startswith("nothing") else {"photo": photo(world, world.manager)})
    )
    who = world.foreign_manager if why.startswith("another") else world.community_officer
    person = world.neighbor if why.startswith("somebody") else None
    with pytest.raises(NotFound):
        open_paper(world, who, consent, person)
    assert world.session.scalar(sa.select(AuditEntry.id).where(AuditEntry.action == "consent.paper_seen")) is None
