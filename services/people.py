"""A person's name, phone and identity number, sealed wherever they are written."""

import datetime as dt

from sqlalchemy.orm import Session

from models import Person, PersonKeyKind
from services import search_keys
from services.actors import Actor
from services.clocks import local_day
from services.errors import InvalidInput
from services.identity_numbers import IdentityNumber
from services.masking import mask_name, mask_phone
from services.vault import Vault, normal_phone

NAME_MOST = 20
PHONE_WRONG = "电话号码不对。请填11位手机号，或者带区号的座机号。"


def me(session: Session, *, actor: Actor) -> Person:
    """Return the actor's person."""
    return session.get_one(Person, actor.person_id)


def change_me(session: Session, *, actor: Actor, vault: Vault, name: str | None, phone: str | None) -> Person:
    """Set the actor's own name or phone; what is not given stays.

    Raises ``InvalidInput`` for an empty name or a phone that cannot be one.
    """
    person = me(session, actor=actor)
    if name is not None:
        name = name.strip()
        if not name or len(name) > NAME_MOST:
            raise InvalidInput("请填真实姓名，最多20个字。", code="name_invalid", errors={"name": ["最多20个字。"]})
        set_name(person, name, vault)
    if phone is not None:
        normal = normal_phone(phone)
        if normal is None:
            raise InvalidInput(PHONE_WRONG, code="phone_invalid", errors={"phone": [PHONE_WRONG]})
        set_phone(person, normal, vault)
    return person


def set_name(person: Person, name: str, vault: Vault) -> None:
    """Seal a name and its masked form into a person, with the keys by which it is looked for."""
    person.name_sealed = vault.seal(name, "person.name")
    person.name_masked = mask_name(name)
    search_keys.put_name(person, name, vault)


def set_phone(person: Person, phone: str, vault: Vault) -> None:
    """Seal a phone (E.164), its masked form and its fingerprint into a person."""
    person.phone_sealed = vault.seal(phone, "person.phone")
    person.phone_masked = mask_phone(phone)
    person.phone_hash = vault.fingerprint(phone, "person.phone")
    search_keys.put_phone(person, phone, vault)


def clear_phone(person: Person) -> None:
    """Take a person's phone away, with the key by which it was looked for."""
    person.phone_sealed = person.phone_masked = person.phone_hash = None
    person.search_keys = [row for row in person.search_keys if row.kind is not PersonKeyKind.PHONE_TAIL]


def set_id_number(person: Person, number: IdentityNumber, vault: Vault) -> None:
    """Seal the number of a paper, its masked form and its fingerprint into a person."""
    person.id_type = number.type
    person.id_sealed = vault.seal(number.number, "person.id_number")
    person.id_masked = number.masked
    person.id_hash = vault.fingerprint(number.number, "person.id_number")


def is_minor(person: Person, now: dt.datetime) -> bool:
    """Whether somebody is still below fourteen."""
    return person.minor_until is not None and local_day(now) < person.minor_until
