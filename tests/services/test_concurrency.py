"""Real commits from several threads: numbers without gaps; one account, one ticket, one code, however many ask for it."""

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.settings import VAULT
from app.transaction import transaction
from models import Person, ScanCode, SignIn, Ticket, TicketCounter, TicketEvent, WeChatAccount
from services import sign_in
from services.ports import WeChatIdentity
from services.tickets import filing
from services.tickets.filing import Report
from tests.app.asking import report
from tests.racing import THREADS, at_once
from tests.world import NOW, World

EACH = 8


@pytest.mark.slow
def test_numbers_have_no_gaps_when_many_report_at_once(real_app):
    with real_app.app_context(), transaction() as session:
        world = World.build(session, real_app.extensions[VAULT])
        actor, building, code = world.actor(world.resident), world.place.building.id, world.place.neighborhood.code

    def work():
        numbers = []
        for _ in range(EACH):
            with transaction() as session:
                report = Report(category="elec", text="灯不亮", building_id=building)
                numbers.append(filing.file_ticket(session, actor=actor, report=report, now=NOW).number)
        return numbers

    results = at_once(real_app, *[work] * THREADS)
    given = [number for numbers in results for number in numbers]
    total = THREADS * EACH
    assert sorted(given) == [f"{code}-2611-{serial:05}" for serial in range(1, total + 1)]
    with real_app.app_context(), transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == total
        assert session.scalar(sa.select(sa.func.count()).select_from(TicketEvent)) == total
        assert session.scalar(sa.select(TicketCounter.last)) == total


@pytest.mark.slow
def test_a_report_that_was_taken_back_leaves_no_gap(real_app):
    with real_app.app_context():
        with transaction() as session:
            world = World.build(session, real_app.extensions[VAULT])
        actor, building, numbers = world.actor(world.resident), world.place.building.id, []
        for breaks in (False, True, False):
            try:
                with transaction() as session:
                    report = Report(category="elec", text="灯不亮", building_id=building)
                    numbers.append(filing.file_ticket(session, actor=actor, report=report, now=NOW).number)
                    session.execute(sa.text("select no_such_column" if breaks else "select 1"))
            except sa.exc.DBAPIError:
                assert breaks
        assert numbers[1] == numbers[2]
        db.session.remove()


@pytest.mark.slow
def test_a_newcomer_who_taps_twice_becomes_one_person(real_app):
    identity = WeChatIdentity("o-twice", None, "k")

    def work():
        with transaction() as session:
            return sign_in.sign_in(
                session,
                identity=identity,
                appid="wx",
                vault=real_app.extensions[VAULT],
                now=NOW,
                lifetime=sign_in.GRACE,
            ).actor.person_id

    assert len(set(at_once(real_app, *[work] * THREADS))) == 1
    with real_app.app_context(), transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WeChatAccount)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == THREADS


@pytest.mark.slow
def test_one_key_from_many_threads_is_one_ticket(real_app):
    with real_app.app_context():
        with transaction() as session:
            world = World.build(session, real_app.extensions[VAULT])
        headers = world.headers(world.resident, Idempotency_Key="same")
        body = report(world)
        db.session.remove()

    def work():
        response = real_app.test_client().post("/api/v1/tickets", json=body, headers=headers)
        return response.status_code, response.get_json()["number"]

    assert len(set(at_once(real_app, *[work] * THREADS))) == 1
    with real_app.app_context(), transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1
        assert session.scalar(sa.select(TicketCounter.last)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("named", [False, True])
def test_a_place_gets_one_code_when_several_make_its_first_at_once(real_app, named):
    with real_app.app_context():
        with transaction() as session:
            world = World.build(session, real_app.extensions[VAULT])
        headers, place = world.headers(world.manager), world.place
        url = f"/api/v1/neighborhoods/{place.neighborhood.id}/codes"
        body = {"unit_ids": [place.neighborhood.id, place.building.id, place.other_building.id]} if named else {}
        db.session.remove()

    def work():
        client = real_app.test_client()
        made = client.post(url, json=body, headers=headers)
        seen = client.get(url, headers=headers).get_json()["items"]
        return made.status_code, len(made.get_json().get("items", ())), tuple(one["id"] for one in seen)

    results = at_once(real_app, *[work] * THREADS)
    assert [status for status, _, _ in results] == [201] * THREADS
    assert sorted(new for _, new, _ in results) == [0] * (THREADS - 1) + [3]
    assert len({seen for _, _, seen in results}) == 1
    with real_app.app_context(), transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ScanCode)) == 3


@pytest.mark.slow
def test_a_tickets_link_is_the_same_for_all_who_ask_for_it_at_once(real_app):
    with real_app.app_context():
        with transaction() as session:
            world = World.build(session, real_app.extensions[VAULT])
        ticket_id = world.file().id
        headers = world.headers(world.manager)
        db.session.remove()

    def work():
        answer = real_app.test_client().post(f"/api/v1/tickets/{ticket_id}/link", headers=headers)
        return answer.status_code, answer.get_json().get("address")

    results = set(at_once(real_app, *[work] * THREADS))
    assert len(results) == 1
    assert {status for status, _ in results} == {201}
