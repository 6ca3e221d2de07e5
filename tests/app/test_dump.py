"""Who gets hold of a dump, of the database file or of the log reads no name, no phone and no ID number in it.

People are written through every door that takes them, and committed for real.  Free words that are kept readable (the text
of a report) are no such door: the pages ask there for what is broken, never for a name.
"""

import datetime as dt
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from flask import Flask
from pypinyin import lazy_pinyin

from app import create_app
from app.extensions import db
from app.settings import VAULT
from app.transaction import READ_ENGINE
from models import Base, Person, ResidencyKind, RightsKind, ToldHow
from services import identity_numbers, people, search_keys
from services.masking import mask_name
from services.privacy import consents, desk
from services.privacy.desk import Asking
from tests.app.conftest import FreshClient
from tests.databases import settings_for
from tests.fakes import fake_gateways
from tests.importing import applied
from tests.services.mandates.test_recording import record as record_mandate
from tests.services.privacy.test_care import opened
from tests.services.residencies.claims import asked, newcomer
from tests.world import NOW, World

ID_NUMBERS = ("210502195503071014", "210502196001010013")
NAMES = {"欧阳建国", "司马相如", "阿依古丽·买买提", "李红", "马秀兰", "孙小宝", "高玉梅", "董长河"}
"""Names that get in by the doors below, beside those of the small world."""
PHONES = {"15412340077", "13941410001", "024-43212345", "13841400011", "13841400022"}
SHORTEST_IN_BYTES = 5
"""Initials (wgl) may stand in encrypted bytes by chance: they are looked for among whole words only."""


@pytest.fixture
def log(monkeypatch) -> Iterator[io.StringIO]:
    """Everything that is logged, down to the smallest thing."""
    kept, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    seen = io.StringIO()
    monkeypatch.setattr("sys.stderr", seen)
    yield seen
    structlog.configure(**kept)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@contextmanager
def own_app(databases, **settings) -> Iterator[Flask]:
    """An application with a database of its own, whose commits are real."""
    app = create_app(settings_for(databases.fresh(), **settings), fake_gateways())
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            app.extensions[READ_ENGINE].dispose()


@pytest.fixture
def filled(databases, log):
    """A small neighborhood into which people came by every door."""
    with own_app(databases, log_level="DEBUG", log_json=True) as app:
        world = World.build(db.session(), app.extensions[VAULT])
        by_services(world)
        world.session.commit()
        over_http(FreshClient(app), world)
        world.session.commit()
        yield world


def by_services(world):
    """The doors that commands and the station's own work use."""
    session, vault = world.session, world.vault
    number = identity_numbers.read(ID_NUMBERS[0], today=dt.date(2026, 1, 1))
    people.set_id_number(world.resident, number, vault)
    world.record(name="欧阳建国", phone="15412340077")
    asked(
        world,
        newcomer(world, "马秀兰"),
        home=world.place.home,
        kind=ResidencyKind.CO_OWNER,
        document=f"身份证{ID_NUMBERS[0]}",
    )
    record_mandate(world)  # the daughter: 李红
    opened(world)
    desk.record(
        session,
        actor=world.actor(world.manager),
        person_id=world.neighbor.id,
        asking=Asking(RightsKind.CORRECT, "我叫司马相如，电话13941410001"),
        how=ToldHow.SPOKEN,
        asked_by_id=None,
        vault=vault,
        now=NOW,
    )
    rows = (f"9号楼,1单元,101,60,高玉梅,13841400011,{ID_NUMBERS[1]}", "9号楼,1单元,102,61,董长河,13841400022,")
    heading = "楼号,单元,房号,产权面积,业主,电话,身份证号"
    applied(world, "\n".join([heading, *rows]).encode(), keep_id_numbers=True)


def over_http(client, world):
    """The doors that people use themselves; answers to repeats are kept too."""
    for name, person in (("司马相如", world.neighbor), ("阿依古丽·买买提", world.far_neighbor)):
        answer = client.patch("/api/v1/me", json={"name": name, "phone": "024-43212345"}, headers=world.headers(person))
        assert answer.status_code == 200, answer.get_data(as_text=True)
    shown = {"fields": ["name", "phone", "id_number"], "purpose": "paperwork", "words": "给王桂兰填调解书"}
    url, headers = f"/api/v1/persons/{world.resident.id}/reveal", world.headers(world.manager, Idempotency_Key="look-1")
    assert client.post(url, json=shown, headers=headers).get_json()["id_number"] == ID_NUMBERS[0]
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "child")
    child = {"home_id": world.place.home.id, "name": "孙小宝", "born": "2020-05-09", "text_id": text.id}
    answer = client.post("/api/v1/me/children", json=child, headers=world.headers(world.resident))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    search = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/persons/search"
    client.post(search, json={"text": "高玉梅 13841400011"}, headers=world.headers(world.manager))
    client.get("/api/v1/persons/高玉梅?phone=13841400011", headers=world.headers(world.manager))
    client.patch("/api/v1/me", json={"name": "高玉梅" * 9, "phone": "1384140001"}, headers=world.headers(world.clerk))


def dumped(session) -> dict[str, bytes]:
    """Every value of every table, as a dump has it: text as text, bytes as they are."""
    found = {}
    for table in sa.inspect(session.connection()).get_table_names():
        rows = session.connection().exec_driver_sql(f'select * from "{table}"').all()
        found[table] = b"\n".join(spelled(value) for row in rows for value in row if value is not None)
    return found


def spelled(value) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return (value if isinstance(value, str) else repr(value)).encode()


@lru_cache(1024)
def spellings(secret: str) -> tuple[bytes, ...]:
    """How a secret might stand there, in small letters."""
    return tuple(one.lower() for one in _spellings(secret))


def _spellings(secret: str) -> Iterator[bytes]:
    """How a secret might stand in bytes: in the usual encodings, escaped, and a name in pinyin."""
    yield secret.encode()
    if secret.isascii():
        yield "".join(re.findall(r"\d", secret)).encode()
        return
    yield secret.encode("gb18030")
    yield secret.encode("utf-16-le")
    yield ascii(secret)[1:-1].encode()
    for between in ("", " "):
        pinyin = between.join(lazy_pinyin(secret))
        if len(pinyin) >= SHORTEST_IN_BYTES:
            yield pinyin.encode()


def readable(secrets: set[str], where: bytes) -> set[str]:
    """Which of the secrets can be read there, whether in capitals or small."""
    small = where.lower()
    return {secret for secret in secrets if any(one in small for one in spellings(secret))}


def initials(names: set[str], where: bytes) -> set[str]:
    """Of whom the pinyin initials stand there, as a word of their own."""
    words = set(re.findall(rb"(?<![a-z0-9])[a-z]{2,8}(?![a-z0-9])", where))
    return {name for name in names if len(name) > 2 and words & {one.encode() for one in search_keys.spellings(name)}}


def secrets_of(world) -> tuple[set[str], set[str]]:
    """All names, and all phones and numbers, that were given."""
    names, numbers = set(NAMES), PHONES | set(ID_NUMBERS)
    for person in world.session.scalars(sa.select(Person)):
        if person.name_sealed:
            names.add(world.vault.open(person.name_sealed, "person.name"))
        if person.phone_sealed:
            numbers.add(world.vault.open(person.phone_sealed, "person.phone").removeprefix("+86"))
        if person.id_sealed:
            numbers.add(world.vault.open(person.id_sealed, "person.id_number"))
    return names, numbers


def file_of(session) -> bytes | None:
    """The database as it lies on the disk, with what waits in the log beside it; nothing on PostgreSQL."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    path = session.get_bind().url.database
    return b"".join(Path(f"{path}{end}").read_bytes() for end in ("", "-wal"))


def test_neither_dump_nor_file_nor_log_tells_a_name_a_phone_or_a_number(filled, log):
    names, numbers = secrets_of(filled)
    assert len(names) >= 18
    assert len(numbers) >= 18
    tables = dumped(filled.session)
    assert set(Base.metadata.tables) <= set(tables)
    told = {table: readable(names | numbers, text) | initials(names, text) for table, text in tables.items()}
    assert {table: found for table, found in told.items() if found} == {}
    # What lists show is there, so the search looks in the right place; and the log was on.
    assert mask_name("高玉梅").encode() in tables["person"]
    assert '"event": "request"' in log.getvalue() or '"event":"request"' in log.getvalue()
    assert readable(names | numbers, log.getvalue().encode()) == set()
    if (file := file_of(filled.session)) is not None:
        assert mask_name("高玉梅").encode() in file
        assert readable(names | numbers, file) == set()


@pytest.mark.parametrize(
    "planted",
    ["王桂兰", "WangGuilan", "wang gui lan", "13941410001", "+8613941410001", "02443212345", ID_NUMBERS[0]],
)
def test_what_is_written_readably_is_found(planted):
    assert readable({"王桂兰", "13941410001", "024-43212345", ID_NUMBERS[0]}, f"[{planted}]".encode())


def test_names_are_found_in_other_encodings_and_as_initials():
    for encoding in ("gbk", "gb18030", "utf-16-le", "unicode_escape"):
        assert readable({"王桂兰"}, b"\x00" + "王桂兰".encode(encoding) + b"\x01") == {"王桂兰"}
    assert initials({"王桂兰"}, b"wgl\nx") == {"王桂兰"}
    assert initials({"王桂兰"}, b"awgl7") == set()


def test_a_row_that_tells_is_found_in_dump_and_file(databases):
    with own_app(databases):
        session = db.session()
        session.add(Person(created_at=NOW, known_as="王桂兰"))
        session.commit()
        assert readable({"王桂兰"}, dumped(session)["person"]) == {"王桂兰"}
        if (file := file_of(session)) is not None:
            assert readable({"王桂兰"}, file) == {"王桂兰"}


def test_a_statement_that_fails_does_not_tell_its_values(session):
    with pytest.raises(sa.exc.IntegrityError) as broken, session.begin_nested():
        session.execute(sa.insert(Person).values(created_at=None, known_as="王桂兰"))
    assert "hide_parameters" in str(broken.value)
    assert "[parameters" not in str(broken.value)
