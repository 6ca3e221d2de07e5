"""What the database itself refuses, whoever writes: history that changes, states that do not fit, doubles."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import TicketPhoto
from tests.coding import code_of, spot_code
from tests.services.acting import photo, put_into
from tests.world import NOW, account_of

LATER = NOW + dt.timedelta(hours=1)


def execute(world, text, **values):
    statement = sa.text(text)
    times = {
        name: sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("now", "later") if f":{name}" in text
    }
    known = {"now": NOW.replace(tzinfo=None), "later": LATER.replace(tzinfo=None)}
    if world.session.get_bind().dialect.name == "postgresql":
        known = {"now": NOW, "later": LATER}
    given = {name: value for name, value in known.items() if name in times} | values
    world.session.connection().execute(statement.bindparams(*times.values()), given)


def expect_refusal(world, rule, text, **values):
    """Run a statement that must fail on the named rule."""
    with pytest.raises(IntegrityError) as error, world.session.begin_nested():
        execute(world, text, **values)
    said = str(error.value.orig).lower()
    assert rule.lower() in said, said


@pytest.mark.parametrize("statement", ["update ticket_event set note = 'x'", "delete from ticket_event"])
def test_history_is_never_changed(world, statement):
    world.file()
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        execute(world, statement)


TICKET = {
    "a home without the place": ("place = 'home'", "home_place_names_a_home"),
    "half a map point": ("latitude = 41000000", "map_point_is_whole"),
    "paused without a reason": ("state = 'paused', paused_from = 'on_site', paused_at = :now", "paused_for_a_reason"),
    "a reason without a pause": ("pause_reason = 'parts'", "paused_for_a_reason"),
    "paused from nowhere": ("state = 'paused', pause_reason = 'parts', paused_at = :now", "paused_from_somewhere"),
    "paused at no time": ("state = 'paused', pause_reason = 'parts', paused_from = 'on_site'", "paused_at_some_time"),
    "a paused emergency": (
        "state = 'paused', pause_reason = 'parts', paused_from = 'on_site', paused_at = :now, urgency = 'p1'",
        "an_emergency_never_pauses",
    ),
    "closed but not settled": ("state = 'closed'", "settled"),
    "settled but not closed": ("settled_at = :now", "settled"),
    "confirmed by who did it": ("confirmed_by_id = reporter_id, done_by_id = reporter_id", "no_worker_confirms"),
    "reopened six times": ("reopen_count = 6", "reopened_five_times_at_most"),
    "no version": ("version = 0", "version_positive"),
    "an unknown state": ("state = 'flying'", "ticketstate"),
    "an unknown urgency": ("urgency = 'p9'", "urgency"),
}


@pytest.mark.parametrize("name", TICKET)
def test_a_ticket_cannot_be(world, name):
    change, rule = TICKET[name]
    filed = world.file()
    expect_refusal(world, f"ck_ticket_{rule}", f"update ticket set {change} where id = :id", id=filed.id)


def test_a_number_is_given_once(world):
    one, two = world.file(), world.file()
    rule = "ticket.number" if world.session.get_bind().dialect.name == "sqlite" else "uq_ticket_number"
    expect_refusal(world, rule, "update ticket set number = :number where id = :id", number=one.number, id=two.id)


def test_a_photo_hangs_on_one_ticket(world):
    token = photo(world, world.resident)
    filed = world.file(building_id=world.place.building.id, photos=[token])
    row = world.session.query(TicketPhoto).one()
    rule = "ticket_photo.file_id" if world.session.get_bind().dialect.name == "sqlite" else "uq_ticket_photo_file_id"
    expect_refusal(
        world,
        rule,
        "insert into ticket_photo (ticket_id, event_id, file_id, phase, position) values (:t, :e, :f, 'after', 5)",
        t=filed.id,
        e=row.event_id,
        f=row.file_id,
    )


OUTBOX = {
    "sending without a lease": ("state = 'sending'", "sending_has_a_lease"),
    "a lease without sending": ("leased_until = :now", "sending_has_a_lease"),
    "sent but not settled": ("state = 'sent'", "settled"),
    "settled but waiting": ("settled_at = :now", "settled"),
    "an unknown channel": ("channel = 'pigeon'", "channel"),
}


@pytest.mark.parametrize("name", OUTBOX)
def test_a_message_cannot_be(world, name):
    change, rule = OUTBOX[name]
    world.file()
    expect_refusal(world, f"ck_outbox_message_{rule}", f"update outbox_message set {change}")


def test_grants_are_never_negative(world):
    world.grant(world.resident, "ticket_work", 0)
    expect_refusal(world, "remaining_not_negative", "update subscription_grant set remaining = -1")


def test_a_group_is_off_for_a_reason(world):
    world.group()
    expect_refusal(world, "off_for_a_reason", "update group_binding set switched_off_at = :now")


def doubled(world, table, columns, **changes):
    """Insert a copy of the newest row of a table."""
    named = ", ".join(columns)
    values = ", ".join(changes.get(column, column) for column in columns)
    return f"insert into {table} ({named}) select {values} from {table} where id = (select max(id) from {table})"


UNIQUE = {
    "two current residencies": (
        "residency",
        ["neighborhood_id", "home_id", "person_id", "kind", "starts_at"],
        ("uq_residency_current", "residency.home_id, residency.person_id"),
    ),
    "two current memberships": (
        "membership",
        ["person_id", "unit_id", "role", "starts_at"],
        ("uq_membership_current", "membership.person_id, membership.unit_id, membership.role"),
    ),
    "two homes of one code": (
        "home",
        ["neighborhood_id", "building_id", "room", "code", "label"],
        ("uq_home_neighborhood_id_code", "home.neighborhood_id, home.code"),
    ),
    "two outbox rows of one key": (
        "outbox_message",
        ["channel", "topic", "payload", "dedupe_key", "state", "attempts", "due_at", "created_at"],
        ("uq_outbox_message_dedupe_key", "outbox_message.dedupe_key"),
    ),
    "two accounts of one openid": (
        "wechat_account",
        ["person_id", "appid", "openid", "created_at", "last_seen_at"],
        ("uq_wechat_account_appid_openid", "wechat_account.appid, wechat_account.openid"),
    ),
    "two grants of one kind": (
        "subscription_grant",
        ["account_id", "kind", "remaining", "updated_at"],
        ("uq_subscription_grant_account_id_kind", "subscription_grant.account_id, subscription_grant.kind"),
    ),
}


@pytest.mark.parametrize("name", UNIQUE)
def test_there_cannot_be(world, name):
    table, columns, rules = UNIQUE[name]
    world.file()
    world.grant(world.resident, "ticket_work")
    rule = rules[1 if world.session.get_bind().dialect.name == "sqlite" else 0]
    expect_refusal(world, rule, doubled(world, table, columns))


ROWS = {
    "a residency that ends before it begins": ("residency", "ends_at = starts_at", "ends_after_start"),
    "a membership that ends before it begins": ("membership", "ends_at = starts_at", "ends_after_start"),
    "a membership of a resident": ("membership", "role = 'resident'", "residents_have_residencies"),
    "a home without area": ("home", "area_centi = 0", "area_positive"),
    "a sign-in that ends at once": ("sign_in", "expires_at = created_at", "expires_later"),
    "a photo without a byte": ("stored_file", "size = 0", "not_empty"),
    "a clock of no minutes": ("clock_rule", "done_minutes = 0", "periods_positive"),
    "a rule over before it begins": ("clock_rule", "until = since", "until_after_since"),
    "an invitation to nothing": ("invitation", "home_id = null, kind = null", "invites_to_something"),
    "an invitation without a kind": ("invitation", "kind = null", "kind_goes_with_home"),
    "an invitation used by nobody": ("invitation", "used_at = :now", "used_by_somebody"),
    "a job run that ended no way": ("job_run", "finished_at = :now", "finished_well_or_not"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_cannot_be(world, name):
    table, change, rule = ROWS[name]
    photo(world, world.resident)
    execute(world, "insert into job_run (job, started_at) values ('x', :now)")
    execute(
        world,
        "insert into invitation (neighborhood_id, home_id, kind, code_hash, created_at, expires_at)"
        " values (:n, :h, 'owner', 'x', :now, :later)",
        n=world.place.neighborhood.id,
        h=world.place.home.id,
    )
    expect_refusal(world, f"ck_{table}_{rule}", f"update {table} set {change}")


CODES = {
    "a spot closed before it was written down": (
        "spot", "created_at = :later, closed_at = :now", "spot_closed_after_start"),
    "a spot of an unknown kind": ("spot", "kind = 'roof'", "spot_spotkind"),
    "a code of a spot and of a ticket": (
        "scan_code", "number = null, ticket_id = 1, spot_id = 1", "scan_code_one_target"),
    "a code of a place without a number": ("scan_code", "number = null", "scan_code_places_have_numbers"),
    "a code of a ticket with a number": (
        "scan_code", "ticket_id = 1, spot_id = null", "scan_code_places_have_numbers"),
    "a token that lost a letter": ("scan_code", "token = substr(token, 2)", "scan_code_token_whole"),
    "a code that ended for no reason": ("scan_code", "revoked_at = :now", "scan_code_revoked_for_a_reason"),
    "a reason without an end": ("scan_code", "revoked_why = 'lost'", "scan_code_revoked_for_a_reason"),
    "an unknown reason": ("scan_code", "revoked_at = :now, revoked_why = 'bored'", "scan_code_codeend"),
    "a code ended by somebody that goes on": ("scan_code", "revoked_by_id = made_by_id", "scan_code_revoked_by_somebody"),
    "a replaced code that still counts": ("scan_code", "replaced_by_id = id + 1", "scan_code_replaced_is_revoked"),
    "a code that replaces itself": (
        "scan_code", "revoked_at = :now, revoked_why = 'lost', replaced_by_id = id", "scan_code_replaced_by_another"),
    "a way that was made at no time": (
        "code_way", "value = 'x', ends_at = case when kind = 'image' then null else :later end",
        "code_way_made_at_some_time"),
    "a picture that ends": ("code_way", "kind = 'image', ends_at = :later", "code_way_links_end_pictures_do_not"),
    "a link that never ends": (
        "code_way", "kind = 'link', value = 'x', made_at = :now", "code_way_links_end_pictures_do_not"),
    "a way of an unknown kind": ("code_way", "kind = 'smoke'", "code_way_waykind"),
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_on_a_wall_there_cannot_be(world, name):
    table, change, rule = CODES[name]
    spot_code(world)
    where = " where kind = 'link'" if table == "code_way" else ""
    expect_refusal(world, f"ck_{rule}", f"update {table} set {change}{where}")


CODE = ["neighborhood_id", "token", "number", "unit_id", "made_at", "wanted_at"]
COUNTS_ONCE = {
    "a building": ({"number": "number + 10"}, ("uq_scan_code_unit", "scan_code.unit_id")),
    "a number": (
        {"unit_id": "neighborhood_id"}, ("uq_scan_code_number", "scan_code.neighborhood_id, scan_code.number")),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS_ONCE)
def test_one_code_counts_for(world, name):
    changes, rules = COUNTS_ONCE[name]
    code_of(world)
    rule = rules[1 if world.session.get_bind().dialect.name == "sqlite" else 0]
    expect_refusal(world, rule, doubled(world, "scan_code", CODE, token=f"'{'x' * 22}'", **changes))


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("update ticket set assignee_id = 987654321", {}),
        ("update residency set home_id = 987654321", {}),
        ("update org_unit set parent_id = 987654321 where kind = 'city'", {}),
    ],
)
def test_a_key_always_leads_somewhere(world, statement, values):
    world.file()
    expect_refusal(world, "foreign key", statement, **values)


def test_a_time_without_a_zone_is_refused_before_it_is_stored(world):
    ticket = put_into(world, world.file(), "submitted")
    ticket.overdue_at = dt.datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - that is the mistake
    with pytest.raises(sa.exc.StatementError, match="without a zone"), world.session.begin_nested():
        world.session.flush()
    ticket.overdue_at = None


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(world):
    account = account_of(world.session, world.resident)
    account.last_seen_at = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    world.session.flush()
    world.session.expire(account)
    assert account.last_seen_at == NOW
    assert account.last_seen_at.tzinfo is dt.UTC
