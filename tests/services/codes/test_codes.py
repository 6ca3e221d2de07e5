"""Codes of places: made once, revoked, replaced, scanned by who may do what there."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models import AuditEntry, CodeEnd, OutboxMessage, Role, ScanCode, SpotKind, UnitKind
from services.codes import ending, lists, making, scanning
from services.codes.scanning import Can
from services.codes.tokens import printed
from services.errors import Conflict, InvalidInput, NotFound
from services.reading.pages import PageRequest
from tests.coding import code_of, spot_code
from tests.world import NOW, new_unit

LATER = NOW + dt.timedelta(days=1)


def scan(world, person, said, *, role=None, now=LATER):
    return scanning.scan(world.session, actor=world.actor(person, role), scanned=said, now=now)


def all_codes(world):
    return making.for_units(
        world.session,
        actor=world.actor(world.manager),
        neighborhood_id=world.place.neighborhood.id,
        unit_ids=None,
        now=NOW,
    )


def test_each_building_and_the_neighborhood_get_one_code_however_often_it_is_asked(world):
    made = all_codes(world)
    assert {code.unit_id for code in made} == {
        world.place.neighborhood.id, world.place.building.id, world.place.other_building.id,
    }  # fmt: skip
    assert all_codes(world) == []
    assert len({code.number for code in made}) == 3


def test_a_grid_leader_makes_codes_in_their_grid_only(world):
    made = making.for_units(
        world.session,
        actor=world.actor(world.grid_leader),
        neighborhood_id=world.place.neighborhood.id,
        unit_ids=None,
        now=NOW,
    )
    assert [code.unit_id for code in made] == [world.place.building.id]


def test_a_grid_has_no_wall_for_a_code(world):
    with pytest.raises(InvalidInput):
        making.for_units(
            world.session,
            actor=world.actor(world.manager),
            neighborhood_id=world.place.neighborhood.id,
            unit_ids=[world.place.grid.id],
            now=NOW,
        )


def test_the_database_keeps_a_second_code_of_a_place_out(world):
    code = code_of(world)
    double = ScanCode(
        neighborhood_id=code.neighborhood_id,
        token="x" * 22,
        number=77,
        unit_id=code.unit_id,
        made_at=NOW,
        wanted_at=NOW,
    )
    world.session.commit()
    world.session.add(double)
    with pytest.raises(IntegrityError):
        world.session.flush()
    world.session.rollback()
    assert world.session.scalar(sa.select(sa.func.count()).select_from(ScanCode)) == 1


def test_nothing_in_a_code_is_about_its_place_or_anybody(world):
    code = code_of(world)
    said = scanning.scan(world.session, actor=world.actor(world.resident), scanned=code.token, now=NOW).described()
    assert str(code.unit_id) not in code.token
    assert "王" not in str(said)
    assert (
        world.session.scalars(sa.select(OutboxMessage.payload).where(OutboxMessage.channel == "code")).all() == [{}] * 3
    )


def test_a_resident_reports_at_the_place_that_was_scanned(world):
    found = scan(world, world.resident, f"h={code_of(world).token}")
    assert found.can == (Can.REPORT, Can.BOARD)
    assert found.described()["report"] == {"building_id": world.place.building.id}
    assert "在这里报修" in found.described()["said"]


@pytest.mark.parametrize(
    ("in_building", "label", "note"), [(False, "东大门", "东大门"), (True, "1号楼 东大门", "东大门")]
)
def test_a_spot_says_where_in_the_building_or_the_neighborhood(world, in_building, label, note):
    found = scan(world, world.resident, spot_code(world, in_building=in_building).token)
    place = (
        {"building_id": world.place.building.id} if in_building else {"neighborhood_id": world.place.neighborhood.id}
    )
    assert found.place.label == label
    assert found.place.report == {**place, "place_note": note}


def test_a_stairwell_is_a_note_in_its_building(world):
    stairwell = new_unit(world.session, UnitKind.STAIRWELL, "2单元", world.place.building)
    [code] = making.for_units(
        world.session,
        actor=world.actor(world.manager),
        neighborhood_id=world.place.neighborhood.id,
        unit_ids=[stairwell.id],
        now=NOW,
    )
    found = scan(world, world.resident, code.token)
    assert (found.place.label, found.place.report) == (
        "1号楼2单元", {"building_id": world.place.building.id, "place_note": "2单元"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "role", "can"),
    [
        ("resident", None, (Can.REPORT, Can.BOARD)),
        ("far_neighbor", None, (Can.REPORT,)),
        ("stranger", None, (Can.JOIN,)),
        ("clerk", Role.STATION_CLERK, (Can.RECORD,)),
        ("grid_leader", Role.GRID_LEADER, (Can.RECORD,)),
        ("repairer", Role.REPAIRER, ()),
        ("foreign_manager", Role.STATION_MANAGER, ()),
    ],
)
def test_each_hat_is_told_what_it_can_do_here(world, who, role, can):
    found = scan(world, getattr(world, who), code_of(world).token, role=role)
    assert found.can == can
    assert (found.described()["report"] is None) == ({Can.REPORT, Can.RECORD}.isdisjoint(can))


def test_the_number_counts_in_ones_own_neighborhood(world):
    code = code_of(world)
    assert scan(world, world.resident, printed(code.number)).place.label == "1号楼"
    with pytest.raises(NotFound) as caught:
        scan(world, world.stranger, printed(code.number))
    assert caught.value.reason == "code_unknown"


def test_a_number_means_nothing_to_who_lives_nowhere(world):
    code = code_of(world)
    with pytest.raises(InvalidInput) as caught:
        scan(world, world.manager, printed(code.number), role=Role.RESIDENT)
    assert caught.value.reason == "code_neighborhood_unclear"


def test_a_replaced_code_names_the_new_one_and_keeps_its_number(world):
    code = code_of(world)
    fresh = ending.replace(
        world.session, actor=world.actor(world.manager), code_id=code.id, why=CodeEnd.LOST, now=LATER
    )
    assert fresh.token != code.token
    assert (fresh.number, code.replaced_by_id) == (code.number, fresh.id)
    with pytest.raises(NotFound) as caught:
        scan(world, world.resident, code.token)
    assert caught.value.reason == "code_replaced"
    assert f"编号{printed(code.number)}" in caught.value.detail
    assert scan(world, world.resident, fresh.token).place.label == "1号楼"
    assert scan(world, world.resident, printed(code.number)).place.label == "1号楼"


def test_a_revoked_code_says_what_to_do(world):
    code = code_of(world)
    ending.revoke(world.session, actor=world.actor(world.manager), code_id=code.id, why=CodeEnd.MISUSED, now=LATER)
    with pytest.raises(NotFound) as caught:
        scan(world, world.resident, code.token)
    assert caught.value.reason == "code_revoked"
    with pytest.raises(Conflict):
        ending.revoke(world.session, actor=world.actor(world.manager), code_id=code.id, why=CodeEnd.LOST, now=LATER)


def test_a_closed_spot_ends_its_code_and_leaves_its_name_free(world):
    code = spot_code(world)
    with pytest.raises(Conflict):
        spot_code(world)
    for _ in range(2):
        ending.close_spot(world.session, actor=world.actor(world.manager), spot_id=code.spot_id, now=LATER)
    with pytest.raises(NotFound):
        scan(world, world.resident, code.token)
    assert spot_code(world).id != code.id


def test_a_closed_building_is_gone_for_its_code_too(world):
    code = code_of(world)
    world.place.building.closed_at = LATER
    world.session.flush()
    with pytest.raises(NotFound) as caught:
        scan(world, world.resident, code.token)
    assert caught.value.reason == "code_place_gone"


def test_a_tickets_code_opens_it_for_who_may_see_it(world):
    filed = world.file(home_id=world.place.home.id)
    code = making.for_ticket(world.session, actor=world.actor(world.clerk), ticket_id=filed.id, now=NOW)
    assert making.for_ticket(world.session, actor=world.actor(world.clerk), ticket_id=filed.id, now=NOW) == code
    found = scan(world, world.resident, code.token)
    assert (found.place.ticket_id, found.can) == (filed.id, (Can.OPEN,))
    with pytest.raises(NotFound) as caught:
        scan(world, world.far_neighbor, code.token)
    assert caught.value.reason == "ticket_not_found"


def test_every_step_is_on_record(world):
    code = code_of(world)
    ending.replace(world.session, actor=world.actor(world.manager), code_id=code.id, why=CodeEnd.LOST, now=LATER)
    kept = world.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_kind == "scan_code").order_by(AuditEntry.id)
    )
    assert list(kept) == ["code.made", "code.revoked", "code.made"]


def test_another_stations_codes_are_not_there(world):
    code = code_of(world)
    with pytest.raises(NotFound):
        ending.revoke(
            world.session, actor=world.actor(world.foreign_manager), code_id=code.id, why=CodeEnd.LOST, now=LATER
        )
    with pytest.raises(NotFound):
        lists.listed(
            world.session,
            actor=world.actor(world.foreign_manager),
            neighborhood_id=world.place.neighborhood.id,
            page=PageRequest(),
        )


def test_lists_show_what_counts_and_apart_what_ended(world):
    code = code_of(world)
    spot = spot_code(world, "水泵房", SpotKind.CHECKPOINT)
    ending.revoke(world.session, actor=None, code_id=code.id, why=CodeEnd.LOST, now=LATER)

    def labels(*, ended):
        page = lists.listed(
            world.session,
            actor=world.actor(world.manager),
            neighborhood_id=world.place.neighborhood.id,
            page=PageRequest(),
            ended=ended,
        )
        return [(one["label"], one["kind_name"]) for one in page.items]

    assert labels(ended=False) == [("水泵房", "巡查点")]
    assert labels(ended=True) == [("1号楼", "楼")]
    assert spot.revoked_at is None
