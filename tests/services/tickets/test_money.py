"""Who is responsible and who pays: the survey, the price list, quotes, and the resident's own word on them."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models import (
    ActingArea,
    InboxItem,
    PriceItem,
    QuoteAnswer,
    ResponsibleParty,
    Role,
    TicketEvent,
    TicketQuote,
    TicketQuoteLine,
    TicketResponsibility,
)
from services import deliveries
from services.errors import NotFound, ServiceError
from services.reading import quotes as reading_quotes
from services.reading import tickets as reading_tickets
from services.tickets import prices, surveying
from services.tickets.parties import PARTY_NAMES, WHO_PAYS
from services.tickets.quotes import Line, amount
from tests.proxies import acting, mandate
from tests.services.acting import FAUCET, do, photo, put_into
from tests.world import NOW, hire

LATER = NOW + dt.timedelta(days=8)


def inside(world, state="accepted"):
    filed = world.file(home_id=world.place.home.id)
    put_into(world, filed, state)
    return filed


def refusal(world, action, filed, **more):
    before = world.ticket(filed).version
    with pytest.raises(ServiceError) as error:
        do(world, action, filed, **more)
    assert world.ticket(filed).version == before
    return error.value


def listed(world, price_fen=2_500, **more):
    about = {"name": "换水龙头", "unit": "个", "source": "2026年居民代表会定的"} | more
    return prices.add(
        world.session,
        actor=world.actor(world.manager),
        now=NOW,
        neighborhood_id=world.place.neighborhood.id,
        price_fen=price_fen,
        **about,
    )


def shown(world, filed, person=None):
    return reading_quotes.of_ticket(world.session, actor=world.actor(person or world.resident), ticket_id=filed.id)


def detail(world, filed, person):
    world.session.flush()
    return reading_tickets.one(world.session.connection(), actor=world.actor(person), ticket_id=filed.id, now=NOW)


def told(world, filed, person):
    event = world.session.scalar(sa.select(sa.func.max(TicketEvent.id)).where(TicketEvent.ticket_id == filed.id))
    deliveries.expand(world.session, event, now=NOW)
    world.session.flush()
    query = sa.select(InboxItem.title, InboxItem.body).where(InboxItem.person_id == person.id)
    return world.session.execute(query.order_by(InboxItem.id.desc())).first()


# The survey


def test_whoever_looks_at_it_says_who_is_responsible_and_who_pays(world):
    filed = inside(world)
    do(world, "survey", filed, photos=[photo(world, world.repairer)])
    items = surveying.decisions(world.session, actor=world.actor(world.resident), ticket_id=filed.id)
    assert [(item["party"], item["party_title"], item["words"], item["decided_by"]) for item in items] == [
        (ResponsibleParty.OWNER, "业主自己", "阀门在户内", "李师傅")
    ]
    assert "先报价" in items[0]["who_pays"]
    body = told(world, filed, world.resident).body
    assert WHO_PAYS[ResponsibleParty.OWNER] in body
    assert detail(world, filed, world.resident)["responsible_party"] == "owner"


def test_every_party_has_a_name_and_a_sentence_on_who_pays():
    assert set(PARTY_NAMES) == set(WHO_PAYS) == set(ResponsibleParty)


def test_the_station_decides_too(world):
    filed = inside(world)
    do(world, "survey", filed, actor=world.actor(world.clerk))
    assert surveying.latest(world.session, filed.id).role == "station_clerk"


def test_another_worker_does_not_decide(world):
    filed = world.file()
    put_into(world, filed, "triaged", assignee_id=None)
    error = refusal(world, "survey", filed, actor=world.actor(world.other_repairer))
    assert error.reason == "not_assignee"


def test_a_further_decision_needs_a_reason_and_leaves_the_first(world):
    filed = inside(world)
    do(world, "survey", filed)
    error = refusal(world, "survey", filed, party=ResponsibleParty.UTILITY, reason=" ")
    assert error.reason == "reason_missing"
    do(world, "survey", filed, party=ResponsibleParty.UTILITY, reason="打开看是表前的管子")
    items = surveying.decisions(world.session, actor=world.actor(world.resident), ticket_id=filed.id)
    assert [(item["party"].value, item["reason"]) for item in items] == [
        ("utility", "打开看是表前的管子"),
        ("owner", None),
    ]


def test_the_same_is_not_decided_twice(world):
    filed = inside(world)
    do(world, "survey", filed)
    assert refusal(world, "survey", filed).reason == "same_party"


def test_damage_by_somebody_needs_a_photo(world):
    filed = inside(world)
    assert refusal(world, "survey", filed, party=ResponsibleParty.AT_FAULT).reason == "photo_missing"
    do(world, "survey", filed, party=ResponsibleParty.AT_FAULT, photos=[photo(world, world.repairer)])


def test_a_neighbor_reads_who_pays_and_not_what_was_written(world):
    filed = world.file()
    put_into(world, filed, "accepted")
    do(world, "survey", filed, party=ResponsibleParty.SHARED)
    (item,) = surveying.decisions(world.session, actor=world.actor(world.neighbor), ticket_id=filed.id)
    assert (item["party"].value, item["words"]) == ("shared", None)


# The price list


def test_another_price_is_another_row(world):
    listed(world)
    listed(world, price_fen=3_000)
    rows = world.session.execute(sa.select(PriceItem.price_fen, PriceItem.ends_at).order_by(PriceItem.id)).all()
    assert [tuple(row) for row in rows] == [(2_500, NOW), (3_000, None)]


def test_a_price_of_another_neighborhood_is_none(world):
    item = listed(world)
    item_id = item.id
    with pytest.raises(NotFound) as error:
        prices.end(world.session, actor=world.actor(world.foreign_manager), now=NOW, item_id=item_id)
    assert error.value.reason == "price_not_found"


@pytest.mark.parametrize("which", ["ended", "foreign"])
def test_a_quote_goes_by_prices_in_force_here(world, which):
    item = listed(world)
    if which == "ended":
        prices.end(world.session, actor=world.actor(world.manager), now=NOW, item_id=item.id)
    else:
        item = prices.add(
            world.session, actor=world.actor(world.foreign_manager), now=NOW,
            neighborhood_id=world.elsewhere.neighborhood.id, name="换阀门", unit="个", price_fen=1, source="x",
        )  # fmt: skip
    line = Line(quantity_centi=100, price_item_id=item.id)
    assert refusal(world, "quote", inside(world), lines=[line]).reason == "price_not_found"


# Quotes


def test_a_quote_is_the_sum_of_its_lines_by_the_list_and_free(world):
    item, filed = listed(world), inside(world)
    do(world, "quote", filed, lines=[Line(quantity_centi=150, price_item_id=item.id), FAUCET])
    (quote,) = shown(world, filed)["items"]
    assert quote["sum_fen"] == 3_750 + 8_500
    assert [(line["name"], line["amount_fen"], line["reason"]) for line in quote["lines"]] == [
        ("换水龙头", 3_750, None),
        ("换水龙头", 8_500, "价目表里没有这一种"),
    ]
    assert detail(world, filed, world.resident)["open_quote_id"] == quote["id"]
    assert "122.50元" in told(world, filed, world.resident).body


@given(quantity=st.integers(1, 10_000), price=st.integers(0, 1_000_000))
def test_amounts_are_rounded_half_up(quantity, price):
    assert amount(quantity, price) == int(quantity * price / 100 + 0.5)


def test_a_free_line_needs_a_reason(world):
    line = Line(quantity_centi=100, name="跑腿", unit="次", price_fen=500)
    assert refusal(world, "quote", inside(world), lines=[line]).reason == "reason_missing"


def test_nothing_to_pay_is_no_quote(world):
    line = Line(quantity_centi=100, name="帮忙", unit="次", price_fen=0, reason="不收钱")
    assert refusal(world, "quote", inside(world), lines=[line]).reason == "nothing_to_pay"


def test_for_common_parts_no_resident_is_asked_for_money(world):
    filed = world.file()
    put_into(world, filed, "accepted")
    assert refusal(world, "quote", filed).reason == "common_part"


def test_a_caller_who_is_not_on_the_books_cannot_be_asked(world):
    filed = inside(world)
    world.ticket(filed).reporter_id = None
    world.session.flush()
    assert refusal(world, "quote", filed).reason == "nobody_to_ask"


@pytest.mark.parametrize("party", ["shared", "utility", "municipal", "warranty"])
def test_what_others_pay_is_not_quoted_to_the_resident(world, party):
    filed = inside(world)
    do(world, "survey", filed, party=ResponsibleParty(party))
    error = refusal(world, "quote", filed)
    assert error.reason == "not_theirs_to_pay"
    assert WHO_PAYS[ResponsibleParty(party)] in error.detail


# The resident's word


def test_work_waits_for_the_yes(world):
    filed = inside(world, "on_site")
    do(world, "quote", filed)
    assert refusal(world, "start", filed).reason == "quote_not_agreed"
    assert "start" not in detail(world, filed, world.repairer)["actions"]
    do(world, "agree_quote", filed)
    do(world, "start", filed)
    assert world.ticket(filed).state.value == "in_progress"


def test_what_was_agreed_to_is_due(world):
    filed = inside(world)
    do(world, "quote", filed)
    do(world, "agree_quote", filed)
    assert shown(world, filed)["due_fen"] == 8_500
    assert detail(world, filed, world.resident)["amount_due_fen"] == 8_500
    assert told(world, filed, world.repairer).title == "住户同意报价了"


def test_a_no_is_no_debt_and_keeps_work_waiting(world):
    filed = inside(world, "on_site")
    do(world, "quote", filed)
    do(world, "decline_quote", filed, note="太贵了")
    assert shown(world, filed)["due_fen"] == 0
    assert refusal(world, "start", filed).reason == "quote_not_agreed"
    assert "太贵了" in told(world, filed, world.repairer).body


def test_a_new_quote_replaces_one_that_was_not_agreed_to(world):
    filed = inside(world, "on_site")
    do(world, "quote", filed)
    do(world, "decline_quote", filed)
    do(
        world,
        "quote",
        filed,
        lines=[Line(quantity_centi=100, name="修", unit="次", price_fen=2_000, reason="只修不换")],
    )
    do(world, "agree_quote", filed)
    do(world, "start", filed)
    quotes = shown(world, filed)
    assert quotes["due_fen"] == 2_000
    assert [(one["word"], one["withdrawn_why"]) for one in quotes["items"]] == [
        ("agreed", None),
        ("declined", "重新报价了"),
    ]


def test_what_is_found_while_working_comes_on_top_and_the_end_waits_for_it(world):
    filed = inside(world)
    do(world, "quote", filed)
    do(world, "agree_quote", filed)
    for step in ("arrive", "start", "quote"):
        do(world, step, filed)
    assert refusal(world, "finish", filed).reason == "quote_not_agreed"
    do(world, "agree_quote", filed)
    do(world, "finish", filed)
    assert shown(world, filed)["due_fen"] == 17_000


def test_what_is_taken_back_is_due_no_more(world):
    filed = inside(world)
    do(world, "quote", filed)
    quote_id = shown(world, filed)["items"][0]["id"]
    do(world, "agree_quote", filed)
    do(world, "withdraw_quote", filed, quote_id=quote_id, note="没用上")
    assert shown(world, filed)["due_fen"] == 0
    assert refusal(world, "withdraw_quote", filed, quote_id=quote_id).reason == "quote_not_found"


def test_a_quote_that_is_over_is_not_agreed_to(world):
    filed = inside(world)
    do(world, "quote", filed)
    assert refusal(world, "agree_quote", filed, now=LATER).reason == "quote_over"


def test_a_word_is_given_once(world):
    filed = inside(world)
    do(world, "quote", filed)
    quote_id = shown(world, filed)["items"][0]["id"]
    do(world, "agree_quote", filed)
    assert refusal(world, "decline_quote", filed, quote_id=quote_id).reason == "answered_already"


def test_a_quote_for_another_ticket_is_not_found(world):
    other = inside(world)
    do(world, "quote", other)
    quote_id = shown(world, other)["items"][0]["id"]
    filed = inside(world)
    assert refusal(world, "agree_quote", filed, quote_id=quote_id).reason == "quote_not_found"


def test_a_reporter_in_a_hat_of_the_station_does_not_answer(world):
    filed = inside(world)
    do(world, "quote", filed)
    hire(world.session, world.resident, world.place.neighborhood, Role.STATION_CLERK)
    world.session.flush()
    clerk = world.actor(world.resident, Role.STATION_CLERK)
    assert refusal(world, "agree_quote", filed, actor=clerk).reason == "not_reporter"


def test_somebody_with_a_mandate_for_fees_says_it_and_the_resident_is_told(world):
    filed = inside(world)
    do(world, "quote", filed)
    agent = acting(world, mandate(world, world.neighbor, ActingArea.FEES))
    do(world, "agree_quote", filed, actor=agent)
    (quote,) = shown(world, filed)["items"]
    assert (quote["word"], quote["by_proxy"]) == ("agreed", True)
    assert "同意了" in told(world, filed, world.resident).body


def test_the_worker_does_not_answer_for_others(world):
    filed = inside(world)
    do(world, "quote", filed)
    agent = acting(world, mandate(world, world.repairer, ActingArea.FEES))
    assert refusal(world, "agree_quote", filed, actor=agent).reason == "own_quote"


def answer_row(world, filed, **other):
    quote = world.session.scalars(sa.select(TicketQuote).where(TicketQuote.ticket_id == filed.id)).one()
    row = {
        "neighborhood_id": world.place.neighborhood.id, "ticket_id": filed.id, "quote_id": quote.id, "word": "agreed",
        "at": NOW, "said_by_id": world.resident.id, "spoken_by_id": world.resident.id, "role": "resident",
        "due_fen": quote.sum_fen,
    }  # fmt: skip
    world.session.execute(sa.insert(QuoteAnswer).values(row | other))


FORGED = {
    "by the station in its own role": {"role": "station_manager"},
    "by the station in the resident's name": {"spoken_by": "manager"},
    "by the station as the resident": {"said_by": "manager", "spoken_by": "manager"},
    "by the neighbor": {"said_by": "neighbor", "spoken_by": "neighbor"},
    "with another sum": {"due_fen": 1},
    "a yes without a sum": {"due_fen": None},
    "a no with a sum": {"word": "declined"},
    "after its time": {"at": LATER},
}


@pytest.mark.parametrize("how", FORGED)
def test_the_database_refuses_a_word_that_is_not_the_residents(world, how):
    filed = inside(world)
    do(world, "quote", filed)
    other = {
        (f"{name}_id" if name.endswith("_by") else name): (getattr(world, value).id if name.endswith("_by") else value)
        for name, value in FORGED[how].items()
    }
    with pytest.raises(sa.exc.DBAPIError), world.session.begin_nested():
        answer_row(world, filed, **other)
    answer_row(world, filed)


def test_the_database_lets_no_paid_work_begin_without_the_word(world):
    filed = inside(world, "on_site")
    do(world, "quote", filed)
    start = sa.text("update ticket set state = 'in_progress' where id = :id")
    with pytest.raises(sa.exc.DBAPIError, match="waits for the resident"), world.session.begin_nested():
        world.session.execute(start, {"id": filed.id})
    do(world, "agree_quote", filed)
    world.session.execute(start, {"id": filed.id})


@pytest.mark.parametrize(
    "statement",
    [
        "update quote_answer set due_fen = 1", "delete from quote_answer", "update ticket_quote set sum_fen = 1",
        "delete from ticket_quote", "update ticket_quote_line set reason = 'x'", "delete from ticket_quote_line",
        "update ticket_responsibility set party = 'shared'", "delete from ticket_responsibility",
        "update price_item set price_fen = 1", "delete from price_item",
    ],
)  # fmt: skip
def test_what_was_said_and_priced_stays(world, statement):
    listed(world)
    filed = inside(world)
    for step in ("survey", "quote", "agree_quote"):
        do(world, step, filed)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(sa.text(statement))


def test_an_amount_is_its_product_also_for_the_database(world):
    filed = inside(world)
    do(world, "quote", filed)
    quote_id = shown(world, filed)["items"][0]["id"]
    row = {"quote_id": quote_id, "position": 9, "name": "x", "unit": "个", "quantity_centi": 150, "price_fen": 333,
           "amount_fen": 499, "reason": "y"}  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), world.session.begin_nested():
        world.session.execute(sa.insert(TicketQuoteLine).values(row))
    world.session.execute(sa.insert(TicketQuoteLine).values(row | {"amount_fen": 500}))


def test_decisions_make_one_chain(world):
    filed = inside(world)
    do(world, "survey", filed)
    first = surveying.latest(world.session, filed.id)
    copied = {name: getattr(first, name) for name in ("neighborhood_id", "ticket_id", "party", "words", "event_id",
              "decided_by_id", "role", "decided_at")}  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), world.session.begin_nested():
        world.session.execute(sa.insert(TicketResponsibility).values(copied))
