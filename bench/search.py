"""Finding homes and people in a town of 63,000 homes and 200,000 people, against the bare statements that answer the same.

Ours begins with what somebody said and ends with rows for a screen: reading the words, the searcher's scope, masked names,
where each person lives.  The floor is given the code or the key that the words come to and asks for the same rows.
"""

import datetime as dt
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import create_app
from app.settings import vault
from app.transaction import transaction
from bench.databases import fresh, sqlite_path
from bench.measured import Measured, Place
from config import DatabaseSettings, Settings
from models import Home, OrgUnit, Person, PersonKeyKind, Residency, Role
from services.actors import Actor, Hat
from services.demo.loading import load
from services.demo.plan import Plan
from services.homes.spelling import chinese, one_by_one
from services.reading import homes, persons
from services.reading.pages import PageRequest
from services.search_keys import keys_to_find, spellings

HOMES, QUICK_HOMES = 63_000, 6_300
HOMES_PER_NEIGHBORHOOD = 1_575
DIFFERENT = 300
"""Different searches of each kind: enough that no cache answers for the database."""
HOME_BAR, PERSON_BAR = 0.015, 0.05
HOME = (
    "select h.id, h.code, h.label, h.building_id, h.floor, h.area_centi, h.use, h.status from home h "
    "join org_unit b on b.id = h.building_id where h.neighborhood_id = ? and h.code = ? and b.path like ? "
    "order by h.id desc limit 21"
)
PERSON = (
    "select p.id, coalesce(p.known_as, p.name_masked), p.phone_masked from person_search_key k "
    "join person p on p.id = k.person_id where k.key = ? and exists (select 1 from residency r "
    "join home h on h.id = r.home_id join org_unit b on b.id = h.building_id where r.person_id = k.person_id "
    "and r.neighborhood_id = ? and r.ends_at is null and b.path like ?) order by p.id desc limit 21"
)
LIVING = (
    "select r.person_id, h.id, h.label, r.kind from residency r join home h on h.id = r.home_id "
    "where r.neighborhood_id = ? and r.ends_at is null and r.person_id in ({})"
)


@dataclass(frozen=True)
class Asked:
    """One search: what is said where, and the code or key that it comes to."""

    neighborhood_id: int
    path: str
    text: str
    comes_to: str | int

    @property
    def actor(self) -> Actor:
        """The station manager who searches."""
        hat = Hat(Role.STATION_MANAGER, 1, self.neighborhood_id, self.path, self.neighborhood_id)
        return Actor(1, 1, 1, hat)


Search = Callable[[Asked], object]


def run(place: Place) -> list[Measured]:
    """Search for homes and for people."""
    size = QUICK_HOMES if place.options.quick else HOMES
    with fresh(place.database, place.folder, place.server) as url:
        app = create_app(Settings(database=DatabaseSettings(url), log_level="ERROR"))
        with app.app_context():
            now = dt.datetime.now(dt.UTC)
            plan = Plan(neighborhoods=size // HOMES_PER_NEIGHBORHOOD, homes=size)
            with transaction() as session:
                loaded = load(session, vault=vault(), now=now, plan=plan, progress=lambda _: None)
            town = f"{loaded.homes:,} homes, {loaded.persons:,} people"
            later = now + dt.timedelta(seconds=1)
            with transaction(read_only=True) as session:
                homes_asked, people_asked = _homes(session), _people(session)
            floor = _floor(url)
            return [
                _race(place, f"find a home ({town})", homes_asked, _ours_homes, _floor_homes(floor), HOME_BAR),
                _race(
                    place,
                    f"find a person ({town})",
                    people_asked,
                    _ours_people(later),
                    _floor_people(floor),
                    PERSON_BAR,
                ),
            ]


def _homes(session: Session) -> list[Asked]:
    """Homes all over the town, said in four ways."""
    rng = random.Random(1)  # noqa: S311 - the same searches in each run
    rows = session.execute(
        sa.select(Home.neighborhood_id, OrgUnit.path, Home.code)
        .join(OrgUnit, OrgUnit.id == Home.neighborhood_id)
        .order_by(Home.id)
    ).all()
    ways: tuple[Callable[[str, str, str], str], ...] = (
        lambda building, stairwell, room: f"{building}-{stairwell}-{room}",
        lambda building, stairwell, room: f"{building}号楼{stairwell}单元{room}室",
        lambda building, stairwell, room: f"{chinese(int(building))}栋{chinese(int(stairwell))}单元{one_by_one(room)}",
        lambda building, stairwell, room: f"{building}#{stairwell}-{room}",
    )
    picked = rng.sample(rows, DIFFERENT)
    return [
        Asked(row.neighborhood_id, row.path, ways[index % len(ways)](*row.code.split("-")), row.code)
        for index, row in enumerate(picked)
    ]


def _people(session: Session) -> list[Asked]:
    """People all over the town, by initials, by name and by the end of their phone."""
    rng = random.Random(2)  # noqa: S311 - the same searches in each run
    newest = session.scalar(sa.select(sa.func.max(Person.id))) or 0
    rows = session.execute(
        sa.select(Residency.neighborhood_id, OrgUnit.path, Person.name_sealed, Person.phone_sealed)
        .join(Person, Person.id == Residency.person_id)
        .join(OrgUnit, OrgUnit.id == Residency.neighborhood_id)
        .where(Person.phone_sealed.is_not(None), Person.id.in_(rng.sample(range(1, newest + 1), 3 * DIFFERENT)))
    ).all()
    asked = []
    for index, row in enumerate(rows[:DIFFERENT]):
        name = vault().open(row.name_sealed, "person.name")
        said = (
            (PersonKeyKind.INITIALS, spellings(name)[0]),
            (PersonKeyKind.NAME, name),
            (PersonKeyKind.PHONE_TAIL, vault().open(row.phone_sealed, "person.phone")[-4:]),
        )
        kind, text = said[index % len(said)]
        asked.append(Asked(row.neighborhood_id, row.path, text, keys_to_find(vault(), kind, text)[0]))
    return asked


def _ours_homes(asked: Asked) -> object:
    with transaction(read_only=True) as session:
        found = homes.search(
            session, actor=asked.actor, neighborhood_id=asked.neighborhood_id, text=asked.text, page=PageRequest()
        )
    assert found.page.items, asked
    return found


def _ours_people(now: dt.datetime) -> Search:
    keys = vault()

    def search(asked: Asked) -> object:
        with transaction(read_only=True) as session:
            found = persons.search(
                session,
                actor=asked.actor,
                vault=keys,
                neighborhood_id=asked.neighborhood_id,
                text=asked.text,
                now=now,
                page=PageRequest(),
            )
        assert found.items, asked
        return found

    return search


def _floor(url: str) -> Callable[[str, Sequence[object]], list[Any]]:
    """Return a bare connection's way to ask."""
    if url.startswith("sqlite"):
        bare = sqlite3.connect(sqlite_path(url))
        bare.execute("pragma mmap_size = 268435456")
        return lambda statement, values: bare.execute(statement, values).fetchall()
    connection = psycopg.connect(url, autocommit=True)
    return lambda statement, values: connection.execute(statement.replace("?", "%s"), values, prepare=True).fetchall()


def _floor_homes(ask: Callable[[str, Sequence[object]], list[Any]]) -> Search:
    def search(asked: Asked) -> object:
        found = ask(HOME, (asked.neighborhood_id, asked.comes_to, f"{asked.path}%"))
        assert found, asked
        return found

    return search


def _floor_people(ask: Callable[[str, Sequence[object]], list[Any]]) -> Search:
    def search(asked: Asked) -> object:
        found = ask(PERSON, (asked.comes_to, asked.neighborhood_id, f"{asked.path}%"))
        assert found, asked
        marks = ", ".join("?" for _ in found)
        return ask(LIVING.format(marks), (asked.neighborhood_id, *(row[0] for row in found)))

    return search


def _race(place: Place, work: str, asked: Sequence[Asked], ours: Search, floor: Search, bar: float) -> Measured:
    """Take turns; the slowest of a hundred searches is told beside the ratio."""
    for search in (ours, floor):
        _burst(search, asked, place.options.seconds / 2)
    rounds, took = [], []
    for _ in range(place.options.rounds):
        mine = _burst(ours, asked, place.options.seconds)
        took += mine
        theirs = _burst(floor, asked, place.options.seconds)
        rounds.append((len(mine) / sum(mine), len(theirs) / sum(theirs)))
    slow = sorted(took)[int(len(took) * 0.99)] * 1000
    return Measured(work, place.database, rounds, bar, f"99 of 100 within {slow:.1f} ms")


def _burst(search: Search, asked: Sequence[Asked], seconds: float) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        one = asked[len(took) % len(asked)]
        started = time.perf_counter()
        search(one)
        took.append(time.perf_counter() - started)
    return took
