"""Persons of the demonstration: sealed names, unique phones, and the posts that workers hold."""

import datetime as dt
import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, Person, Role
from services.demo.bulk import BulkWriter
from services.demo.cast import CastMember
from services.demo.names import person_name
from services.masking import mask_name, mask_phone
from services.search_keys import KeyMaker, Row, insert
from services.vault import Vault

# Phones are 154 and eight digits; the first ten thousand are kept for the cast.
PHONE_FIRST = 10_000
PHONE_SPAN = 99_990_000
PHONE_STEP = 38_196_601  # shares no divisor with the span: every phone comes once before any comes again

KEYS_AT_ONCE = 50_000
# What a worker is called in public: surname and this.
TITLES: dict[Role, str] = {
    Role.REPAIRER: "师傅",
    Role.STATION_CLERK: "值班员",
    Role.STATION_MANAGER: "站长",
    Role.GRID_LEADER: "网格长",
    Role.COMMUNITY_OFFICER: "专干",
    Role.SUBDISTRICT_OFFICER: "专干",
    Role.DISTRICT_OFFICER: "专干",
}


class People:
    """Makes persons and remembers how many phones are given out, and who of the cast has come."""

    def __init__(self, writer: BulkWriter, vault: Vault, rng: random.Random, now: dt.datetime) -> None:
        self._writer = writer
        self._vault = vault
        self._rng = rng
        self._now = now
        self._phones = rng.randrange(PHONE_SPAN)
        self._keys = KeyMaker(vault)
        self._key_rows: list[Row] = []
        self.cast: dict[str, int] = {}

    def new_phone(self) -> str:
        """Return a phone in E.164 that nobody else of this load has."""
        self._phones = (self._phones + PHONE_STEP) % PHONE_SPAN
        return f"+86154{PHONE_FIRST + self._phones:08d}"

    def add(self, name: str, phone: str | None, known_as: str | None = None) -> int:
        """Write a person and return the id."""
        person_id = self._writer.new_id(Person)
        self._writer.add(
            Person,
            id=person_id,
            name_sealed=self._vault.seal(name, "person.name"),
            name_masked=mask_name(name),
            known_as=known_as,
            phone_sealed=self._vault.seal(phone, "person.phone") if phone else None,
            phone_masked=mask_phone(phone) if phone else None,
            phone_hash=self._vault.fingerprint(phone, "person.phone") if phone else None,
            created_at=self._now,
        )
        self._key_rows += self._keys.rows(person_id, name, phone)
        return person_id

    def finish(self, session: Session) -> None:
        """Write the keys by which people are looked for, in their order: all at once they go in fastest."""
        connection = session.connection()
        self._key_rows.sort()
        for start in range(0, len(self._key_rows), KEYS_AT_ONCE):
            insert(connection, self._key_rows[start : start + KEYS_AT_ONCE])
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ANALYZE person_search_key"))

    def add_cast(self, member: CastMember) -> int:
        """Write one of the cast and return the id."""
        person_id = self.add(member.name, member.phone, member.known_as)
        self.cast[member.slug] = person_id
        return person_id

    def worker(self, role: Role, family: str | None = None) -> int:
        """Write a worker, with this surname if one is given, and return the id."""
        name = person_name(self._rng, elder=self._rng.choice((True, False)), family=family)
        return self.add(name, self.new_phone(), name[0] + TITLES[role])

    def appoint(self, person_id: int, unit_id: int, role: Role) -> None:
        """Give a person a post; it began one to twenty-four months ago."""
        self._writer.add(
            Membership,
            id=self._writer.new_id(Membership),
            person_id=person_id,
            unit_id=unit_id,
            role=role,
            starts_at=self._now - dt.timedelta(days=self._rng.randint(30, 730)),
            ends_at=None,
        )
