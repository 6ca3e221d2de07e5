"""The board of common parts, and what its author sees of it before sending."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Ticket
from services.errors import InvalidInput, NotFound
from services.reading import board
from services.reading.board import Around
from services.reading.pages import PageRequest
from services.tickets import filing
from services.tickets.filing import Report
from tests.services.acting import do, put_into
from tests.world import NOW

LATER = NOW + dt.timedelta(hours=3)
WORDS = ("category", "place_label", "place_note", "text")


def lines(world, person, around=Around.BUILDING, page=None, now=NOW):
    world.session.flush()
    connection = world.session.connection()
    return board.of_common_parts(
        connection, actor=world.actor(person), around=around, page=page or PageRequest(), now=now
    )


def numbers(world, person, around):
    return {line["number"] for line in lines(world, person, around).items}


def checked(world, filed):
    world.session.execute(sa.update(Ticket).where(Ticket.id == filed.id).values(text_shown=True))


def report_of(world, **changes):
    given = {"category": "elec", "text": "灯不亮，电话138 0000 8000", "place_note": "辽E12345车旁"}
    return Report(**(given | {"building_id": world.place.building.id} | changes))


def test_the_building_shows_its_own_common_parts_and_the_neighborhood_all_of_them(world):
    here, there = world.file(), world.file(building_id=world.place.other_building.id)
    road = world.file(building_id=None, neighborhood_id=world.place.neighborhood.id)
    home = world.file(building_id=None, home_id=world.place.home.id)
    assert numbers(world, world.neighbor, Around.BUILDING) == {here.number}
    assert numbers(world, world.neighbor, Around.NEIGHBORHOOD) == {here.number, there.number, road.number}
    assert home.number not in numbers(world, world.resident, Around.NEIGHBORHOOD)


@pytest.mark.parametrize("around", list(Around))
def test_who_lives_in_another_neighborhood_sees_nothing_of_it(world, around):
    world.file()
    assert numbers(world, world.stranger, around) == set()


def test_whoever_looks_reads_the_same_line_without_a_name(world):
    checked(world, world.file())
    (mine,), (theirs,) = (lines(world, person).items for person in (world.resident, world.neighbor))
    assert mine == theirs
    assert not {"assignee", "assignee_id", "reporter_id", "reporter_name"} & set(mine)


def test_words_stay_hidden_until_the_content_check_lets_them_pass(world):
    filed = world.file()
    assert [line["text"] for line in lines(world, world.neighbor).items] == [board.NOT_CHECKED_YET]
    checked(world, filed)
    assert [line["text"] for line in lines(world, world.neighbor).items] == [world.ticket(filed).text]


def test_the_line_says_when_it_was_done_and_how_long_it_took(world):
    filed = world.file()
    (waiting,) = lines(world, world.neighbor).items
    assert (waiting["state_name"], waiting["done_at"], waiting["took_minutes"]) == ("已提交", None, None)
    put_into(world, filed, "in_progress")
    do(world, "finish", filed, now=LATER)
    (done,) = lines(world, world.neighbor).items
    assert (done["state_name"], done["done_at"], done["took_minutes"]) == ("待确认", LATER, 180)


def test_what_is_late_is_shown_as_late(world):
    filed = world.file()
    due = world.ticket(filed).next_due_at
    assert [line["overdue"] for line in lines(world, world.neighbor, now=due).items] == [False]
    assert [line["overdue"] for line in lines(world, world.neighbor, now=due + dt.timedelta(seconds=1)).items] == [True]


def test_only_what_is_in_ones_building_or_ones_own_can_be_opened(world):
    here, there = world.file(), world.file(building_id=world.place.other_building.id)
    openable = {"neighbor": {here.id}, "resident": {here.id, there.id}, "far_neighbor": {there.id}}
    for name, can in openable.items():
        found = lines(world, getattr(world, name), Around.NEIGHBORHOOD).items
        assert {line["id"] for line in found if line["can_open"]} == can


def test_pages_follow_each_other_without_gaps_or_doubles(world):
    filed = [world.file().id for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = lines(world, world.far_neighbor, Around.NEIGHBORHOOD, PageRequest(2, cursor))
        seen += [line["id"] for line in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == sorted(filed, reverse=True)


def test_the_preview_is_what_the_board_shows_later(world):
    report = report_of(world)
    shown = board.preview(world.session, actor=world.actor(world.resident), report=report, now=NOW)
    checked(world, filing.file_ticket(world.session, actor=world.actor(world.resident), report=report, now=NOW))
    (line,) = lines(world, world.neighbor).items
    assert shown["line"] == {name: line[name] for name in WORDS}
    assert (line["text"], line["place_note"]) == ("灯不亮，电话138****8000", "辽E·**345车旁")


def test_the_preview_of_a_report_at_home_says_that_no_neighbor_sees_it(world):
    report = report_of(world, building_id=None, home_id=world.place.home.id)
    shown = board.preview(world.session, actor=world.actor(world.resident), report=report, now=NOW)
    assert shown == {"seen": False, "hint": board.HOME_IS_PRIVATE, "line": None}


def test_the_preview_refuses_what_filing_refuses(world):
    actor = world.actor(world.resident)
    with pytest.raises(NotFound):
        board.preview(
            world.session, actor=actor, report=report_of(world, building_id=world.elsewhere.building.id), now=NOW
        )
    with pytest.raises(InvalidInput):
        board.preview(world.session, actor=actor, report=report_of(world, text="　"), now=NOW)


@pytest.mark.parametrize("around", list(Around))
def test_the_list_reads_an_index_of_common_parts(world, around):
    statement = board.LISTS[around].order_by(Ticket.id.desc()).limit(sa.literal_column("21"))
    compiled = statement.params(places=[1]).compile(
        world.session.get_bind(), compile_kwargs={"render_postcompile": True, "literal_binds": True}
    )
    connection = world.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("set local enable_seqscan = off")
        plan = connection.exec_driver_sql(f"explain {compiled}")
    else:
        plan = connection.exec_driver_sql(f"explain query plan {compiled}")
    wanted = {Around.BUILDING: "ix_ticket_building_id_id", Around.NEIGHBORHOOD: "ix_ticket_common"}[around]
    assert wanted in " ".join(str(row) for row in plan)
