"""Whom an act is about: somebody who is known here, or somebody new with a name and a phone."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, Membership, OrgUnit, Person, Residency
from services import people
from services.actors import Actor
from services.errors import InvalidInput, NotFound
from services.vault import Vault, normal_phone

WHO_MISSING = "请选一位登记过的人，或者填姓名和手机号。"


@dataclass(frozen=True)
class Who:
    """A known person by id, or anybody by name and phone."""

    person_id: int | None = None
    name: str | None = None
    phone: str | None = None


def person_for(session: Session, *, actor: Actor | None, who: Who, vault: Vault, now: dt.datetime) -> Person:
    """Return the person who is meant; name and phone that nobody has make a new one.

    A name and a phone must both be known to get at a registered person outside one's scope: numbers cannot be tried out.
    Raises ``NotFound`` for an id out of scope and ``InvalidInput`` when nobody is named.
    """
    if who.person_id is not None:
        return _known(session, actor, who.person_id)
    name = (who.name or "").strip()
    phone = normal_phone(who.phone or "")
    if not name or len(name) > people.NAME_MOST or phone is None:
        said = people.PHONE_WRONG if name and who.phone else WHO_MISSING
        raise InvalidInput(said, code="person_missing", errors={"phone" if name else "name": [said]})
    fingerprints = vault.fingerprints(phone, "person.phone")
    for person in session.scalars(sa.select(Person).where(Person.phone_hash.in_(fingerprints)).order_by(Person.id)):
        if person.name_sealed and vault.open(person.name_sealed, "person.name") == name:
            return person
    person = Person(created_at=now)
    people.set_name(person, name, vault)
    people.set_phone(person, phone, vault)
    session.add(person)
    session.flush()
    return person


def name_of(person: Person) -> str:
    """Return what a person may be called before others."""
    return person.known_as or person.name_masked or "这位居民"


def _known(session: Session, actor: Actor | None, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or not (actor is None or _within(session, person_id, actor.hat.unit_path)):
        raise NotFound("没有找到这个人。请从名单里选，或者填姓名和手机号。", code="person_not_found")
    return person


def _within(session: Session, person_id: int, path: str) -> bool:
    """Whether a person ever held something, or has a home, at or below a node."""
    if not path:
        return False
    below = OrgUnit.path.startswith(path, autoescape=True)
    works = sa.exists().where(Membership.person_id == person_id, Membership.unit_id == OrgUnit.id, below)
    lives = sa.exists().where(
        Residency.person_id == person_id, Residency.home_id == Home.id, Home.building_id == OrgUnit.id, below
    )
    return bool(session.scalar(sa.select(sa.or_(works, lives))))
