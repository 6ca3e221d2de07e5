"""Children below fourteen: a guardian agrees first, little is kept, and few may read the name (PIPL 28, 31)."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Evidence, Person, Residency, ResidencyKind
from services import audit, people
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import consents, recording, rules
from services.privacy.consents import Told
from services.privacy.recording import Proof
from services.residencies import settling
from services.residencies.settling import Settler
from services.terms import in_force
from services.vault import Vault

HIDDEN = "未成年人"
"""What stands in lists instead of a child's name."""


@dataclass(frozen=True)
class Child:
    """What a guardian tells of a child.  The birthday is used and forgotten."""

    home_id: int
    name: str
    born: dt.date


def protected_until(born: dt.date, years: int) -> dt.date:
    """Return the first day after the month of the birthday: later than needed by days, so that the birthday is not kept."""
    year, month = born.year + years + born.month // 12, born.month % 12 + 1
    return dt.date(year, month, 1)


def register(session: Session, *, actor: Actor, child: Child, text_id: int, vault: Vault, now: dt.datetime) -> Person:
    """Write down a child of the actor's own household.  The consent comes first, in the same transaction.

    Raises ``NotFound`` for a home that is not the actor's, ``InvalidInput`` for a name or a birthday that cannot be, and
    for somebody who is fourteen already; ``Conflict`` when the text has changed meanwhile.
    """
    if all(dwelling.home_id != child.home_id for dwelling in actor.dwellings):
        raise NotFound("没有找到这套房子。请选自己住的房子。", code="home_not_found")
    person = _new(session, child, vault, now)
    _agree(session, actor, person.id, text_id, now)
    _settle(session, actor, person, child, now)
    return person


def register_for(
    session: Session,
    *,
    actor: Actor,
    guardian_id: int,
    child: Child,
    text_id: int,
    proof: Proof,
    vault: Vault,
    now: dt.datetime,
) -> Person:
    """Write down a child for a guardian without a phone, whose consent is on paper or was spoken before a witness.

    Raises ``NotFound`` for a guardian out of scope or one who does not live there; see ``register`` for the rest.
    """
    guardian = recording.person_in_scope(session, actor=actor, person_id=guardian_id, vault=vault, now=now)
    lives = sa.exists().where(
        Residency.person_id == guardian.id,
        Residency.home_id == child.home_id,
        in_force(Residency.starts_at, Residency.ends_at, now),
    )
    if not session.scalar(sa.select(lives)):
        raise NotFound("家长没有登记在这套房子里。请核对住户名单。", code="home_not_found")
    told = recording.told_by(session, actor=actor, person=guardian, proof=proof, vault=vault, now=now)
    person = _new(session, child, vault, now)
    _agree(session, actor, person.id, text_id, now, guardian_id=guardian.id, told=told)
    _settle(session, actor, person, child, now)
    return person


def declare(session: Session, *, actor: Actor, person_id: int, born: dt.date, text_id: int, now: dt.datetime) -> Person:
    """Say that somebody who is written down in the actor's household is a child, and agree as the guardian."""
    person = _of_household(session, actor, person_id, now)
    person.minor_until = _until(session, born, now)
    _hide(person)
    _agree(session, actor, person.id, text_id, now)
    _note(session, actor, person.id, "minor.declared", now)
    return person


def _of_household(session: Session, actor: Actor, person_id: int, now: dt.datetime) -> Person:
    homes = [dwelling.home_id for dwelling in actor.dwellings]
    query = (
        sa.select(Person)
        .join(Residency, Residency.person_id == Person.id)
        .where(
            Person.id == person_id,
            Person.id != actor.person_id,
            Residency.home_id.in_(homes),
            Residency.kind == ResidencyKind.FAMILY,
            in_force(Residency.starts_at, Residency.ends_at, now),
        )
    )
    person = session.scalars(query).first()
    if person is None:
        raise NotFound("没有找到这个人。请选自己家里登记过的人。", code="person_not_found")
    if person.phone_sealed is not None:
        raise Conflict("这个人登记了自己的电话，不像是孩子。请找服务站核对。", code="not_a_child")
    return person


def _new(session: Session, child: Child, vault: Vault, now: dt.datetime) -> Person:
    name = child.name.strip()
    if not name or len(name) > people.NAME_MOST:
        said = f"请填孩子的姓名，最多{people.NAME_MOST}个字。"
        raise InvalidInput(said, code="name_invalid", errors={"name": [said]})
    person = Person(created_at=now, minor_until=_until(session, child.born, now))
    people.set_name(person, name, vault)
    session.add(person)
    session.flush()
    _hide(person)
    return person


def _settle(session: Session, actor: Actor, person: Person, child: Child, now: dt.datetime) -> None:
    settling.settle(
        session,
        home_id=child.home_id,
        settler=Settler(person.id, ResidencyKind.FAMILY, Evidence.OWNER_WORD),
        actor=actor,
        now=now,
    )
    _note(session, actor, person.id, "minor.registered", now)


def _hide(person: Person) -> None:
    """Show no part of a child's name in any list, and let nobody search for it.

    The name is read through ``services.revealing``, which lets managers only.
    """
    person.name_masked = HIDDEN
    person.search_keys = []


def _agree(
    session: Session,
    actor: Actor,
    child_id: int,
    text_id: int,
    now: dt.datetime,
    *,
    guardian_id: int | None = None,
    told: Told | None = None,
) -> None:
    consent = consents.answer(
        session,
        actor=actor,
        text_id=text_id,
        given=True,
        person_id=guardian_id,
        about_person_id=child_id,
        told=told,
        now=now,
    )
    if consent.kind_code != consents.CHILD:
        raise InvalidInput("请先看“孩子的资料”这份说明，再点同意。", code="wrong_text")


def _until(session: Session, born: dt.date, now: dt.datetime) -> dt.date:
    today = local_day(now)
    years = rules.value(session, rules.MINOR_YEARS, day=today)
    until = protected_until(born, years)
    if born > today or until <= today:
        said = f"这里只登记不满{years}周岁的孩子，请核对出生日期。"
        raise InvalidInput(said, code="not_a_minor", errors={"born": [said]})
    return until


def _note(session: Session, actor: Actor, person_id: int, action: str, now: dt.datetime) -> None:
    audit.note(session, actor=actor, now=now, action=action, subject=("person", person_id), about_person_id=person_id)
