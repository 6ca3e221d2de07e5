"""The data: 40 neighborhoods and as many tickets as asked, six events each, written set by set.

Every id follows from a number by arithmetic, so that requests can be made up without asking the database.
"""

from dataclasses import dataclass

NEIGHBORHOODS = 40
BUILDINGS = 10
HOMES = 200
"""Homes of a neighborhood; each has one resident with the home's number."""
EVENTS = 6
OPEN_ONE_IN = 20
PHOTO_ONE_IN = 10
MANAGER, REPAIRER = 901, 902
ROOT_PATH = "/1/"

ACTIONS = (
    ("file", "resident", "submitted"),
    ("triage", "station_manager", "triaged"),
    ("assign", "station_manager", "assigned"),
    ("accept", "repairer", "accepted"),
    ("finish", "repairer", "done_by_worker"),
    ("confirm", "resident", "confirmed"),
)
ASSIGN_EVENT = 3
"""Which of a ticket's events is the assignment."""


@dataclass(frozen=True)
class Dialect:
    """How a database says what this file needs."""

    series: str
    at: str

    def numbers(self, last: int) -> str:
        """Return a source of the numbers 1 to ``last``, named i."""
        return self.series.format(last=last)

    def time(self, seconds: str) -> str:
        """Return a time so many seconds after the beginning of 2025."""
        return self.at.format(seconds=seconds)


DIALECTS = {
    "postgresql": Dialect(
        "generate_series(1, {last}) as s(i)", "(timestamptz '2025-01-01 00:00Z' + ({seconds}) * interval '1 second')"
    ),
    "sqlite": Dialect(
        "(with recursive c(i) as (select 1 union all select i + 1 from c where i < {last}) select i from c) as s",
        "(datetime(1735689600 + ({seconds}), 'unixepoch') || '.000000')",
    ),
}


def neighborhood_id(number: int) -> int:
    """Return the id of a neighborhood, numbered from 1."""
    return 100 + number


def building_id(number: int, building: int) -> int:
    """Return the id of a building, numbered from 1."""
    return 1000 + number * 100 + building


def resident_id(number: int, home: int) -> int:
    """Return the id of a home, and of the person who lives there and their WeChat account."""
    return number * 1000 + home


def building_of(home: int) -> int:
    """Return the number of the building of a home."""
    return 1 + (home - 1) // (HOMES // BUILDINGS)


def unit_path(number: int) -> str:
    """Return the path of a neighborhood."""
    return f"{ROOT_PATH}{neighborhood_id(number)}/"


def statements(kind: str, tickets: int) -> list[str]:
    """Return what fills an empty, migrated database."""
    return [*_places(DIALECTS[kind]), *_people(DIALECTS[kind]), *_tickets(DIALECTS[kind], tickets)]


def _places(sql: Dialect) -> list[str]:
    per_building = HOMES // BUILDINGS
    long_ago = sql.time("0")
    n, b = f"(1 + (i - 1) / {BUILDINGS})", f"(1 + (i - 1) % {BUILDINGS})"
    hn, hh = f"(1 + (i - 1) / {HOMES})", f"(1 + (i - 1) % {HOMES})"
    hb = f"(1 + ({hh} - 1) / {per_building})"
    return [
        (
            "insert into org_unit (id, kind, name, path, starts_at) "
            f"values (1, 'community', '社区', '{ROOT_PATH}', {long_ago})"
        ),
        (
            "insert into org_unit (id, parent_id, kind, name, code, path, neighborhood_id, starts_at) "
            f"select 100 + i, 1, 'neighborhood', i || '号小区', 'BM-' || i, '{ROOT_PATH}' || (100 + i) || '/', 100 + i, "
            f"{long_ago} from {sql.numbers(NEIGHBORHOODS)}"
        ),
        (
            "insert into org_unit (id, parent_id, kind, name, path, neighborhood_id, starts_at) "
            f"select 1000 + {n} * 100 + {b}, 100 + {n}, 'building', {b} || '号楼', "
            f"'{ROOT_PATH}' || (100 + {n}) || '/' || (1000 + {n} * 100 + {b}) || '/', 100 + {n}, {long_ago} "
            f"from {sql.numbers(NEIGHBORHOODS * BUILDINGS)}"
        ),
        (
            "insert into home (id, neighborhood_id, building_id, floor, room, code, label) "
            f"select {hn} * 1000 + {hh}, 100 + {hn}, 1000 + {hn} * 100 + {hb}, 2, '' || {hh}, "
            f"{hb} || '-1-' || {hh}, {hb} || '号楼1单元' || {hh} || '室' from {sql.numbers(NEIGHBORHOODS * HOMES)}"
        ),
    ]


def _people(sql: Dialect) -> list[str]:
    long_ago = sql.time("0")
    n, h = f"(1 + (i - 1) / {HOMES})", f"(1 + (i - 1) % {HOMES})"
    person = f"{n} * 1000 + {h}"
    everyone = sql.numbers(NEIGHBORHOODS * HOMES)
    staff = []
    for number, role in ((MANAGER, "station_manager"), (REPAIRER, "repairer")):
        staff += [
            (
                "insert into person (id, name_masked, known_as, created_at) "
                f"select i * 1000 + {number}, '李*', '李师傅', {long_ago} from {sql.numbers(NEIGHBORHOODS)}"
            ),
            (
                "insert into membership (id, person_id, unit_id, role, starts_at) "
                f"select i * 1000 + {number}, i * 1000 + {number}, 100 + i, '{role}', {long_ago} "
                f"from {sql.numbers(NEIGHBORHOODS)}"
            ),
        ]
    return [
        (
            "insert into person (id, name_masked, phone_masked, created_at) "
            f"select {person}, '王*兰', '154****0000', {long_ago} from {everyone}"
        ),
        (
            "insert into residency (id, neighborhood_id, home_id, person_id, kind, starts_at) "
            f"select {person}, 100 + {n}, {person}, {person}, 'owner', {long_ago} from {everyone}"
        ),
        *(
            'insert into home_right (neighborhood_id, home_id, person_id, residency_id, "right", source, starts_at) '
            f"select 100 + {n}, {person}, {person}, {person}, '{right}', 'kind', {long_ago} from {everyone}"
            for right in ("vote", "fee", "ticket")
        ),
        *staff,
    ]


def _tickets(sql: Dialect, tickets: int) -> list[str]:
    n, h = f"(1 + i % {NEIGHBORHOODS})", f"(1 + (i / {NEIGHBORHOODS}) % {HOMES})"
    building = f"(1000 + {n} * 100 + 1 + ({h} - 1) / {HOMES // BUILDINGS})"
    person, is_open = f"({n} * 1000 + {h})", f"(i / {NEIGHBORHOODS}) % {OPEN_ONE_IN} = 0"
    far, filed = sql.time("2300000000"), sql.time("i * 30")
    return [
        (
            "insert into ticket (id, number, neighborhood_id, unit_path, building_id, place, place_label, category_id, "
            "urgency, text, source, reporter_id, state, version, assignee_id, reopen_count, submitted_at, state_since, "
            "answer_due_at, arrive_due_at, done_due_at, answered_at, next_due_at, settled_at) "
            f"select i, 'BM-' || {n} || '-2501-' || i, 100 + {n}, "
            f"'{ROOT_PATH}' || (100 + {n}) || '/' || {building} || '/', "
            f"{building}, 'common', {h} || '号楼', 1 + i % 20, 'p2', "
            "'3单元门口的灯不亮，晚上看不见路，老人容易摔。', 'app', "
            f"{person}, case when {is_open} then 'assigned' else 'closed' end, 6, {n} * 1000 + {REPAIRER}, 0, "
            f"{filed}, {filed}, {filed}, {filed}, {filed}, {filed}, case when {is_open} then {far} end, "
            f"case when {is_open} then null else {filed} end from {sql.numbers(tickets)}"
        ),
        _events(sql, tickets),
        (
            "insert into stored_file (id, token, owner_id, storage_key, content_type, size, width, height, sha256, "
            f"created_at) select i, 'photo-' || i, {_reporter(PHOTO_ONE_IN)}, 'photos/' || i, 'image/jpeg', 1, 1, 1, '-', "
            f"{sql.time('i')} from {sql.numbers(tickets // PHOTO_ONE_IN)}"
        ),
        (
            "insert into ticket_photo (id, ticket_id, event_id, file_id, phase, position) "
            f"select i, i * {PHOTO_ONE_IN}, (i * {PHOTO_ONE_IN} - 1) * {EVENTS} + 1, i, 'report', 0 "
            f"from {sql.numbers(tickets // PHOTO_ONE_IN)}"
        ),
    ]


def _reporter(times: int) -> str:
    """Return SQL for the reporter of ticket ``i * times``."""
    i = f"(i * {times})"
    return f"((1 + {i} % {NEIGHBORHOODS}) * 1000 + 1 + ({i} / {NEIGHBORHOODS}) % {HOMES})"


def _events(sql: Dialect, tickets: int) -> str:
    """All events: event k of ticket t has the id ``(t - 1) * 6 + k``."""
    ticket, step = f"(1 + (i - 1) / {EVENTS})", f"((i - 1) % {EVENTS})"
    n = f"(1 + {ticket} % {NEIGHBORHOODS})"
    reporter = f"({n} * 1000 + 1 + ({ticket} / {NEIGHBORHOODS}) % {HOMES})"

    def choose(values: list[str]) -> str:
        return f"case {step} " + " ".join(f"when {at} then {value}" for at, value in enumerate(values)) + " end"

    actors = {
        "resident": reporter,
        "station_manager": f"{n} * 1000 + {MANAGER}",
        "repairer": f"{n} * 1000 + {REPAIRER}",
    }
    before = ["null", *(f"'{state}'" for _, _, state in ACTIONS[:-1])]
    return (
        "insert into ticket_event (id, neighborhood_id, ticket_id, at, action, actor_id, role, from_state, to_state, "
        f"note, detail) select i, 100 + {n}, {ticket}, {sql.time(f'{ticket} * 30 + {step}')}, "
        f"{choose([repr(action) for action, _, _ in ACTIONS])}, {choose([actors[role] for _, role, _ in ACTIONS])}, "
        f"{choose([repr(role) for _, role, _ in ACTIONS])}, {choose(before)}, "
        f"{choose([repr(state) for _, _, state in ACTIONS])}, null, '{{}}' from {sql.numbers(tickets * EVENTS)}"
    )
