"""Reading a name, a phone or an ID number in full: for a stated purpose, within bounds, and on record for the person.

Lists show masks.  Who has to call, to write on a form or to check a paper asks here; the person can read who did, when and
why (``services.reading.looks``).
"""

import datetime as dt
import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import IdType, Person, PrivacyRule, Reveal, RevealPurpose, Role
from services import access, audit, inbox, people
from services.actors import Actor
from services.clocks import SHANGHAI, local_day
from services.errors import Conflict, InvalidInput, NotFound, TooMany, WrongHat
from services.vault import Vault

LIMIT = "reveal.persons_a_day"
WORDS_LABEL = "reveal.words"
PURPOSE_UNKNOWN = "没有这个用途，请从列表里选一个。"
WORDS_MISSING = "请写一句话，说明看这个是为了什么事；本人看得到这句话。"
RESTRICTED = "这位居民的资料按规定只存着，不再使用，所以不能看。有事请按公事渠道找社区。"
MANAGERS = frozenset({Role.STATION_MANAGER, Role.COMMUNITY_OFFICER})
"""Who may read ID numbers, and what is known of children (PIPL 28, 31: as few as can be)."""


class Field(enum.StrEnum):
    """What can be read."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"


FIELD_NAMES: dict[Field, str] = {Field.NAME: "姓名", Field.PHONE: "电话", Field.ID_NUMBER: "证件号码"}


@dataclass(frozen=True)
class Why:
    """What it is for."""

    purpose: str
    words: str | None = None


@dataclass(frozen=True)
class Revealed:
    """What was asked for, in clear; nothing where nothing is known."""

    values: Mapping[Field, str] = field(default_factory=dict)
    id_type: IdType | None = None


@dataclass(frozen=True)
class Look:
    """A reveal that is about to be written down: whose data, reached by what."""

    neighborhood_id: int
    subject: tuple[str, int]
    person_id: int | None
    fields: Collection[Field]
    ticket_id: int | None = None


def purposes(session: Session, *, now: dt.datetime) -> list[RevealPurpose]:
    """Return the purposes that count today, in their order."""
    return list(session.scalars(sa.select(RevealPurpose).where(_in_force(now)).order_by(RevealPurpose.place)))


def opened_by(purpose: RevealPurpose) -> list[Field]:
    """Return what a purpose covers."""
    covers = {
        Field.NAME: purpose.opens_name,
        Field.PHONE: purpose.opens_phone,
        Field.ID_NUMBER: purpose.opens_id_number,
    }
    return [one for one in Field if covers[one]]


def card(purpose: RevealPurpose) -> dict[str, Any]:
    """Return a purpose as it is offered."""
    more = {"opens": opened_by(purpose), "wants_words": purpose.wants_words}
    return {"code": purpose.code, "name": purpose.name, **more}


def reveal_person(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    fields: Collection[Field],
    why: Why,
    vault: Vault,
    now: dt.datetime,
) -> Revealed:
    """Show some of what is known about a person, and write down that it was shown.

    Raises ``NotFound`` for a person out of scope or of whom nothing of this is known, ``InvalidInput`` for a purpose that
    is unknown, does not cover a field or wants words, ``WrongHat`` for what only managers may read, ``Conflict`` for
    somebody whose data may not be used any more, ``TooMany`` beyond the day's limit.
    """
    person, neighborhood_id = access.person_for(session, actor, person_id, now=now)
    purpose = purpose_for(session, why, fields, now=now)
    _refuse_what_is_for_managers(actor, person, fields, now)
    if person.restricted_at is not None or person.erased_at is not None:
        raise Conflict(RESTRICTED, code="person_restricted")
    shown = _opened(person, fields, vault)
    if not shown.values:
        names = "、".join(FIELD_NAMES[one] for one in Field if one in fields)
        raise NotFound(f"没有登记过这位居民的{names}。请到现场找，或者问服务站。", code="nothing_known")
    look = Look(neighborhood_id, ("person", person.id), person.id, tuple(shown.values))
    write_down(session, actor=actor, look=look, purpose=purpose, words=why.words, vault=vault, now=now)
    if Field.ID_NUMBER in shown.values:
        _tell(session, person, neighborhood_id, purpose, now)
    return shown


def purpose_for(session: Session, why: Why, fields: Collection[Field], *, now: dt.datetime) -> RevealPurpose:
    """Return the purpose, if it counts today, covers the fields, and is explained where it has to be."""
    purpose = session.scalar(sa.select(RevealPurpose).where(RevealPurpose.code == why.purpose, _in_force(now)))
    if purpose is None:
        raise InvalidInput(PURPOSE_UNKNOWN, code="purpose_unknown", errors={"purpose": [PURPOSE_UNKNOWN]})
    beyond = [one for one in Field if one in fields and one not in opened_by(purpose)]
    if beyond:
        said = f"“{purpose.name}”用不着看{'、'.join(FIELD_NAMES[one] for one in beyond)}。请少选几项，或者换一个用途。"
        raise InvalidInput(said, code="purpose_too_narrow", errors={"fields": [said]})
    if purpose.wants_words and not (why.words or "").strip():
        raise InvalidInput(WORDS_MISSING, code="words_missing", errors={"words": [WORDS_MISSING]})
    return purpose


def write_down(
    session: Session,
    *,
    actor: Actor,
    look: Look,
    purpose: RevealPurpose,
    vault: Vault,
    now: dt.datetime,
    words: str | None = None,
    is_urgent: bool = False,
) -> None:
    """Put a reveal on record, if the day's limit allows it: the trail has the facts, the row of ours the words too."""
    if not (is_urgent or purpose.is_urgent):
        _refuse_too_many(session, actor, look, now)
    shown = [one for one in Field if one in look.fields]
    entry_id = audit.note(
        session,
        actor=actor,
        now=now,
        action="person.revealed",
        subject=look.subject,
        neighborhood_id=look.neighborhood_id,
        about_person_id=look.person_id,
        purpose=purpose.name,
        detail={"fields": [one.value for one in shown], "purpose": purpose.code},
    )
    session.add(
        Reveal(
            neighborhood_id=look.neighborhood_id,
            person_id=look.person_id,
            ticket_id=look.ticket_id,
            viewer_id=actor.doer_id,
            purpose_code=purpose.code,
            showed_name=Field.NAME in shown,
            showed_phone=Field.PHONE in shown,
            showed_id_number=Field.ID_NUMBER in shown,
            words_sealed=vault.seal(words.strip(), WORDS_LABEL) if words and words.strip() else None,
            audit_entry_id=entry_id,
            at=now,
        )
    )


def _in_force(now: dt.datetime) -> sa.ColumnElement[bool]:
    day = local_day(now)
    return sa.and_(RevealPurpose.starts_on <= day, sa.or_(RevealPurpose.ends_on.is_(None), RevealPurpose.ends_on > day))


def _refuse_what_is_for_managers(actor: Actor, person: Person, fields: Collection[Field], now: dt.datetime) -> None:
    if actor.role in MANAGERS:
        return
    if Field.ID_NUMBER in fields:
        raise WrongHat("证件号码只有站长和社区工作人员能看。请找他们核对。", code="for_managers")
    if people.is_minor(person, now):
        raise WrongHat(
            "这是未成年人，资料只有站长和社区工作人员能看。请找他们，或者联系孩子的家长。", code="for_managers"
        )


def _refuse_too_many(session: Session, actor: Actor, look: Look, now: dt.datetime) -> None:
    """Raise ``TooMany`` when somebody has read about enough people today.  Whom they have read about already is free."""
    # Two requests at the same moment count one after the other.
    session.execute(sa.select(Person.id).where(Person.id == actor.doer_id).with_for_update(key_share=True))
    midnight = dt.datetime.combine(local_day(now), dt.time(), SHANGHAI)
    seen = session.execute(
        sa.select(Reveal.person_id, Reveal.ticket_id)
        .where(Reveal.viewer_id == actor.doer_id, Reveal.at >= midnight)
        .distinct()
    ).all()
    persons = {("person", row.person_id) if row.person_id else ("ticket", row.ticket_id) for row in seen}
    wanted = ("person", look.person_id) if look.person_id else ("ticket", look.ticket_id)
    most = _most_a_day(session, look.neighborhood_id, local_day(now))
    if wanted not in persons and len(persons) >= most:
        tomorrow = midnight + dt.timedelta(days=1)
        raise TooMany(
            f"您今天已经看过{len(persons)}位居民的姓名电话了，为了保护大家的隐私，一天最多看{most}位。"
            "明天可以接着看；出了急事，用途请选“紧急情况联系”。",
            code="too_many_reveals",
            retry_after=(tomorrow - now).total_seconds(),
        )


def _most_a_day(session: Session, neighborhood_id: int, day: dt.date) -> int:
    """Return the limit of a day: a neighborhood's own row goes before the general one, a newer one before an older."""
    place = PrivacyRule.neighborhood_id
    query = (
        sa.select(PrivacyRule.value)
        .where(PrivacyRule.code == LIMIT, sa.or_(place.is_(None), place == neighborhood_id), PrivacyRule.since <= day)
        .where(sa.or_(PrivacyRule.until.is_(None), PrivacyRule.until > day))
        .order_by(place.is_(None), PrivacyRule.since.desc(), PrivacyRule.id.desc())
    )
    return session.scalars(query.limit(1)).one()


def _opened(person: Person, fields: Collection[Field], vault: Vault) -> Revealed:
    sealed = {
        Field.NAME: (person.name_sealed, "person.name"),
        Field.PHONE: (person.phone_sealed, "person.phone"),
        Field.ID_NUMBER: (person.id_sealed, "person.id_number"),
    }
    values = {
        one: vault.open(value, label) for one, (value, label) in sealed.items() if one in fields and value is not None
    }
    return Revealed(values, person.id_type if Field.ID_NUMBER in values else None)


def _tell(session: Session, person: Person, neighborhood_id: int, purpose: RevealPurpose, now: dt.datetime) -> None:
    """An ID number is not read without its owner hearing of it."""
    inbox.put(
        session,
        person_id=person.id,
        neighborhood_id=neighborhood_id,
        title="有人看了您的证件号码",
        body=f"工作人员因为“{purpose.name}”看了您的证件号码。是谁看的、为什么看，在“谁看过我的信息”里都写着。"
        "要是觉得不对，请告诉服务站或者社区。",
        dedupe_key=f"reveal:{person.id}:{now.isoformat()}",
        now=now,
    )
