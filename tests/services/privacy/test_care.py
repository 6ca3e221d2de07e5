"""Key households: consent first, named persons only, every look on record, an end for everything."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import AuditEntry, CareEntry, CareVisit, InboxItem, Role
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import care, care_knowers, care_lists, care_shared, consents, removal, withdrawing
from services.privacy.care import Case
from services.reading.pages import PageRequest
from tests.world import NOW, hire, new_person

TODAY = dt.date(2026, 11, 23)
UNTIL = dt.date(2027, 5, 1)
DAY = dt.timedelta(days=1)


def agree(world, person=None):
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "care")
    actor = world.actor(person or world.resident)
    return consents.answer(world.session, actor=actor, text_id=text.id, given=True, now=NOW)


def opened(world, *, kind="alone", by=None, expires_on=UNTIL, consent=True):
    if consent:
        agree(world)
    case = Case(world.resident.id, world.place.home.id, kind, "腿脚不便，按门铃多等一会儿", expires_on)
    return care.open_entry(world.session, actor=world.actor(by or world.manager), case=case, vault=world.vault, now=NOW)


def look(world, entry, by, now=NOW, purpose="上门看望"):
    return care_lists.look(
        world.session, actor=world.actor(by), entry_id=entry.id, purpose=purpose, vault=world.vault, now=now
    )


def name(world, entry, person, *, ends_on=UNTIL, by=None):
    return care_knowers.name_knower(
        world.session, actor=world.actor(by or world.community_officer), entry_id=entry.id, person_id=person.id,
        why="这栋楼归他管", ends_on=ends_on, now=NOW,
    )  # fmt: skip


def test_without_consent_nothing_is_written(world):
    with pytest.raises(Conflict) as refused:
        opened(world, consent=False)
    assert refused.value.reason == "consent_missing"
    assert world.session.scalar(sa.select(sa.func.count()).select_from(CareEntry)) == 0


def test_what_rests_on_the_law_needs_no_consent(world):
    assert opened(world, kind="soldier", consent=False).consent_id is None


def test_the_reason_is_sealed_and_nowhere_in_the_record(world):
    entry = opened(world)
    assert world.vault.open(entry.reason_sealed, "care.reason").startswith("腿脚不便")
    details = world.session.execute(
        sa.select(AuditEntry.detail, AuditEntry.purpose).where(AuditEntry.subject_kind == "care_entry")
    ).all()
    assert "alone" not in str(details)
    assert "腿脚" not in str(details)


def test_a_role_alone_opens_nothing(world):
    entry = opened(world)
    for person in (world.community_officer, world.grid_leader, world.clerk, world.foreign_manager):
        with pytest.raises(NotFound):
            look(world, entry, person)
    other = new_person(world.session, world.vault, "马超")
    hire(world.session, other, world.place.neighborhood, Role.STATION_MANAGER)
    world.session.flush()
    with pytest.raises(NotFound):
        look(world, entry, other)


def test_who_is_named_sees_it_and_the_household_is_told_and_sees_who_looked(world):
    entry = opened(world)
    name(world, entry, world.grid_leader)
    seen = look(world, entry, world.grid_leader)
    assert (seen["name"], seen["kind_name"], seen["place"]) == ("王*兰", "独居老人", "1号楼1单元201室")
    titles = world.session.scalars(sa.select(InboxItem.title).where(InboxItem.person_id == world.resident.id)).all()
    assert "多了一个人能看您的关怀登记" in titles
    (own,) = care_lists.about_me(world.session, actor=world.actor(world.resident), vault=world.vault, now=NOW)
    assert [(one["name"], one["purpose"]) for one in own["looks"]] == [("孙*", "上门看望")]
    assert len(own["knowers"]) == 2


def test_a_look_needs_a_purpose(world):
    entry = opened(world)
    with pytest.raises(InvalidInput):
        look(world, entry, world.manager, purpose=" ")
    query = sa.select(sa.func.count()).where(AuditEntry.action == "care.looked")
    assert world.session.scalar(query) == 0


@pytest.mark.parametrize("end", ["knower withdrawn", "knower's term", "entry's end", "entry closed"])
def test_knowing_ends(world, end):
    entry = opened(world)
    knower = name(world, entry, world.grid_leader, ends_on=TODAY + 10 * DAY)
    now = NOW
    if end == "knower withdrawn":
        care_knowers.withdraw_knower(
            world.session, actor=world.actor(world.manager), entry_id=entry.id, knower_id=knower.id, now=NOW
        )
    if end == "knower's term":
        now = NOW + 10 * DAY
    if end == "entry's end":
        entry.expires_on = TODAY + DAY
        now = NOW + DAY
    if end == "entry closed":
        care.close(world.session, actor=world.actor(world.manager), entry_id=entry.id, why="搬走了", now=NOW)
    with pytest.raises(NotFound):
        look(world, entry, world.grid_leader, now=now)


def test_who_no_longer_wears_the_hat_sees_nothing(world):
    entry = opened(world)
    hire(world.session, world.far_neighbor, world.place.grid, Role.GRID_LEADER)
    name(world, entry, world.far_neighbor)
    assert look(world, entry, world.far_neighbor)["id"] == entry.id
    with pytest.raises(NotFound):
        care_shared.known(world.session, world.actor(world.far_neighbor, Role.RESIDENT), entry.id, now=NOW)


def test_only_somebody_in_office_there_can_be_named(world):
    entry = opened(world)
    for person in (world.neighbor, world.foreign_manager):
        with pytest.raises(InvalidInput) as refused:
            name(world, entry, person)
        assert refused.value.reason == "not_in_office"


@pytest.mark.parametrize("ends_on", [TODAY, UNTIL + DAY])
def test_nobody_knows_longer_than_the_entry_lasts(world, ends_on):
    entry = opened(world)
    with pytest.raises(InvalidInput):
        name(world, entry, world.grid_leader, ends_on=ends_on)


@pytest.mark.parametrize("expires_on", [TODAY, TODAY + 366 * DAY])
def test_an_entry_lasts_a_year_at_most(world, expires_on):
    with pytest.raises(InvalidInput):
        opened(world, expires_on=expires_on)


def test_withdrawing_the_consent_ends_it_at_once(world):
    entry = opened(world)
    withdrawing.withdraw(
        world.session, actor=world.actor(world.resident), about_person_id=world.resident.id, kind="care", now=NOW + DAY
    )
    world.session.expire_all()
    assert world.session.get_one(CareEntry, entry.id).closed_why == "本人收回同意"
    with pytest.raises(NotFound):
        look(world, entry, world.manager, now=NOW + DAY)


def test_who_manages_sees_numbers_only(world):
    entry = opened(world)
    page = care_lists.numbers(
        world.session, actor=world.actor(world.community_officer), neighborhood_id=world.place.neighborhood.id, now=NOW,
        page=PageRequest(),
    )  # fmt: skip
    assert [set(item) for item in page.items] == [{"id", "opened_on", "expires_on", "knowers", "is_expired"}]
    assert page.items[0]["id"] == entry.id


def test_a_list_says_the_building_and_not_the_home(world):
    opened(world)
    page = care_lists.mine(world.session, actor=world.actor(world.manager), now=NOW, page=PageRequest())
    assert [item["building"] for item in page.items] == ["1号楼"]
    assert not {"home_id", "person_id", "place", "kind"} & set(page.items[0])


def test_a_visit_is_written_by_who_may_know(world):
    entry = opened(world)
    told = {"entry_id": entry.id, "purpose": "送药", "words": "精神不错", "vault": world.vault, "now": NOW}
    care.visit(world.session, actor=world.actor(world.manager), visited_at=NOW, **told)
    with pytest.raises(NotFound):
        care.visit(world.session, actor=world.actor(world.clerk), visited_at=NOW, **told)
    with pytest.raises(InvalidInput):
        care.visit(world.session, actor=world.actor(world.manager), visited_at=NOW + DAY, **told)
    assert look(world, entry, world.manager)["visits"][0]["words"] == "精神不错"


def test_prolonging_asks_the_consent_again(world):
    entry = opened(world)
    told = {"actor": world.actor(world.manager), "entry_id": entry.id, "now": NOW}
    assert care.prolong(world.session, expires_on=UNTIL + 30 * DAY, **told).expires_on == UNTIL + 30 * DAY
    consents.end_all(world.session, person_ids=[world.resident.id], by_id=None, now=NOW)
    with pytest.raises(Conflict):
        care.prolong(world.session, expires_on=UNTIL + 60 * DAY, **told)


def test_the_clock_reminds_and_closes(world):
    entry = opened(world, expires_on=TODAY + 20 * DAY)
    assert care_lists.remind(world.session, now=NOW) == 0
    said = world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == world.manager.id)).all()
    assert any("快到期" in title or "关怀登记到" in title for title in said)
    assert care_lists.remind(world.session, now=NOW + 50 * DAY) == 1
    assert world.session.get_one(CareEntry, entry.id, populate_existing=True).closed_why == "到期没有延长"


def test_it_goes_with_the_person_and_is_in_no_file(world):
    entry = opened(world)
    care.visit(
        world.session, actor=world.actor(world.manager), entry_id=entry.id, visited_at=NOW, purpose="看望", words=None,
        vault=world.vault, now=NOW,
    )  # fmt: skip
    removal.erase(world.session, person_id=world.resident.id, actor=None, now=NOW + DAY)
    assert world.session.scalar(sa.select(sa.func.count()).select_from(CareEntry)) == 0
    assert world.session.scalar(sa.select(sa.func.count()).select_from(CareVisit)) == 0
