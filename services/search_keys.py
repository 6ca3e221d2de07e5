"""Keys by which a person can be looked for although names and phones are sealed (decision 0018).

A person has a keyed hash for the whole name, the surname, the pinyin initials (each beginning from two letters up: wg, wgl)
and the last four digits of the phone.  A character with several readings gives several spellings (单 is s, d and c).

``services.people.set_name`` and ``set_phone`` keep them.  Whoever writes persons in bulk calls ``replace`` with the plain
values while they are at hand, or collects rows with ``KeyMaker`` and gives them to ``insert``.
"""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from pypinyin import Style, pinyin
from sqlalchemy.orm import Session

from models import Person, PersonKeyKind, PersonSearchKey, table_of
from services import bulk_rows
from services.masking import COMPOUND_SURNAMES
from services.vault import Vault

LABEL = "person.search"
KEY_BITS = 63
"""A key is a BIGINT: a third of the room of a whole hash, and two of a million meet once in ten million databases."""
TAIL = 4
SHORTEST_INITIALS = 2
MOST_SPELLINGS = 8
MOST_REMEMBERED = 50_000
CHUNK = 2_000
ONE_READING = frozenset(
    "王吴朱许邓冯彭董潘蔡余于杜叶丁任姚沈汪石贾夏方陶郝万汤舒鞠强平宁浩俊洋超红莉淑可喜栓信大广才乾亨盛应殷"
)
"""Characters of names whose other readings stand in dictionaries only."""

Row = tuple[int, int, str]
"""Key, person, kind."""


class KeyMaker:
    """Makes the keys of many people and remembers those that come again: surnames and initials are few."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[tuple[PersonKeyKind, str], int] = {}
        self._names: dict[str, list[tuple[int, str]]] = {}

    def rows(self, person_id: int, name: str | None, phone: str | None) -> Iterator[Row]:
        """Yield the rows of a person."""
        for key, kind in self.of(name, phone):
            yield key, person_id, kind

    def of(self, name: str | None, phone: str | None) -> Iterator[tuple[int, str]]:
        """Yield the keys of a name and a phone with their kinds."""
        yield from self._of_name(name or "")
        for kind, text in texts_of_phone(phone or ""):
            yield self.key(kind, text), kind.value

    def _of_name(self, name: str) -> list[tuple[int, str]]:
        found = self._names.get(name)
        if found is None:
            if len(self._names) >= MOST_REMEMBERED:
                self._names.clear()
            found = self._names[name] = [(self.key(kind, text), kind.value) for kind, text in set(texts_of_name(name))]
        return found

    def key(self, kind: PersonKeyKind, text: str) -> int:
        """Return one key."""
        found = self._known.get((kind, text))
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            found = self._known[kind, text] = _short(self._vault.fingerprint(_spelled(kind, text), LABEL))
        return found


def keys_to_find(vault: Vault, kind: PersonKeyKind, text: str) -> list[int]:
    """Return the keys that may stand for a text: more than one while the lookup key is changed."""
    return [_short(found) for found in vault.fingerprints(_spelled(kind, text), LABEL)]


def texts_of_name(name: str) -> Iterator[tuple[PersonKeyKind, str]]:
    """Yield what a name can be looked for by."""
    plain = plain_name(name)
    if not plain:
        return
    yield PersonKeyKind.NAME, plain
    if not plain.isascii():
        yield PersonKeyKind.SURNAME, plain[:1]
        if plain[:2] in COMPOUND_SURNAMES:
            yield PersonKeyKind.SURNAME, plain[:2]
    for spelling in spellings(name):
        for length in range(SHORTEST_INITIALS, len(spelling) + 1):
            yield PersonKeyKind.INITIALS, spelling[:length]


def texts_of_phone(phone: str) -> Iterator[tuple[PersonKeyKind, str]]:
    """Yield what a phone can be looked for by; the whole number has its own hash (``Person.phone_hash``)."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) > TAIL:
        yield PersonKeyKind.PHONE_TAIL, digits[-TAIL:]


def plain_name(name: str) -> str:
    """Return a name without spaces and dots, half-width and in capitals."""
    return re.sub(r"[\s·•・．.]", "", unicodedata.normalize("NFKC", name)).upper()


def spellings(name: str) -> list[str]:
    """Return a name's pinyin initials, in every way in which its characters are read: 单永强 is dyq, cyq, syq."""
    pieces = re.findall(r"[A-Za-z]+|[^\W\d_]", unicodedata.normalize("NFKC", name))
    ways = itertools.product(*(_initials(piece) for piece in pieces))
    return sorted({"".join(way) for way in itertools.islice(ways, MOST_SPELLINGS)} - {""})


@lru_cache(8192)
def _initials(piece: str) -> tuple[str, ...]:
    if piece.isascii():
        return (piece[0].lower(),)
    found = [letter for letter in pinyin(piece, style=Style.FIRST_LETTER, heteronym=True)[0] if letter.isascii()]
    letters = tuple(dict.fromkeys(letter[:1].lower() for letter in found if letter.isalpha()))
    return letters[:1] if piece in ONE_READING else letters or ("",)


def put_name(person: Person, name: str, vault: Vault) -> None:
    """Give a person the keys of a name in place of those of the one before."""
    _put(person, texts_of_name(name), {PersonKeyKind.PHONE_TAIL}, vault)


def put_phone(person: Person, phone: str, vault: Vault) -> None:
    """Give a person the key of a phone in place of that of the one before."""
    _put(person, texts_of_phone(phone), set(PersonKeyKind) - {PersonKeyKind.PHONE_TAIL}, vault)


def _put(person: Person, texts: Iterable[tuple[PersonKeyKind, str]], others: set[PersonKeyKind], vault: Vault) -> None:
    maker = KeyMaker(vault)
    wanted = {maker.key(kind, text): kind for kind, text in texts}
    there = {row.key for row in person.search_keys}
    kept = [row for row in person.search_keys if row.kind in others or row.key in wanted]
    new = [PersonSearchKey(key=key, kind=kind) for key, kind in wanted.items() if key not in there]
    person.search_keys = kept + new


def replace(session: Session, vault: Vault, people: Iterable[tuple[int, str | None, str | None]]) -> None:
    """Write the keys of many people (id, name, phone in E.164) in place of all they had, a few statements per thousand."""
    maker = KeyMaker(vault)
    table = table_of(PersonSearchKey)
    remaining = iter(people)
    while chunk := list(itertools.islice(remaining, CHUNK)):
        session.execute(sa.delete(table).where(table.c.person_id.in_([person_id for person_id, _, _ in chunk])))
        insert(session.connection(), [row for person in chunk for row in maker.rows(*person)])


class Refilled(NamedTuple):
    """What one step of refilling did: the last person looked at, how many, and for how many the keys were others."""

    last: int
    seen: int
    changed: int


def refill(session: Session, vault: Vault, *, after: int = 0, most: int = CHUNK) -> Refilled:
    """Make the keys of some persons anew from what is sealed, where they are not what they should be.

    For a database from before there were keys, and after the lookup key has changed.  Persons are locked meanwhile, so that
    nobody gets the keys of a name that was just changed.
    """
    rows = session.execute(
        sa.select(Person.id, Person.name_sealed, Person.phone_sealed)
        .where(Person.id > after)
        .order_by(Person.id)
        .limit(most)
        .with_for_update()
    ).all()
    if not rows:
        return Refilled(after, 0, 0)
    people = [
        (
            row.id,
            vault.open(row.name_sealed, "person.name") if row.name_sealed else None,
            vault.open(row.phone_sealed, "person.phone") if row.phone_sealed else None,
        )
        for row in rows
    ]
    maker, table = KeyMaker(vault), table_of(PersonSearchKey)
    there: dict[int, set[Row]] = defaultdict(set)
    for found in session.execute(
        sa.select(table.c.key, table.c.person_id, table.c.kind).where(table.c.person_id.in_([row.id for row in rows]))
    ):
        there[found.person_id].add((found.key, found.person_id, found.kind.value))
    wrong = [person for person in people if set(maker.rows(*person)) != there[person[0]]]
    replace(session, vault, wrong)
    return Refilled(rows[-1].id, len(rows), len(wrong))


def insert(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Write rows of keys.  They must be new; in order of the key they go in fastest."""
    if not rows:
        return
    columns = dict(zip(("key", "person_id", "kind"), zip(*rows, strict=True), strict=True))
    bulk_rows.insert_columns(connection, table_of(PersonSearchKey), columns)


def _spelled(kind: PersonKeyKind, text: str) -> str:
    return f"{kind.value}:{text}"


def _short(fingerprint: str) -> int:
    return int(fingerprint[:16], 16) >> (64 - KEY_BITS)
