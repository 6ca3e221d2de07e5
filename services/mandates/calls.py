"""The station's call list: principals whom no phone reaches are told by a call, and what they say is written down."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Mandate, Membership, OrgUnit, Person, ReadBack, ReadBackAnswer, ReadBackMeans, Role
from services import access, audit, inbox, revealing
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates.read_back import spoken_month
from services.org.persons import name_of
from services.permissions import Permission
from services.revealing import Field, Look, Why
from services.terms import in_force
from services.vault import Vault

WORDS = "read_back.words"
WORDS_MOST = 200
CALL_BACK = "call_back"
"""The purpose for which a name and a phone are shown."""
MISSING = "没有找到这条回访。请从名单里点开。"


@dataclass(frozen=True)
class WhomToCall:
    """A principal's name and phone, in clear."""

    name: str
    phone: str | None


def read_back_for(session: Session, actor: Actor, read_back_id: int, *, change: bool = False) -> ReadBack:
    """Return a read-back of the actor's own, or one of the station's call list.  Raises ``NotFound``."""
    query = sa.select(ReadBack).where(ReadBack.id == read_back_id)
    row = session.scalar(query.with_for_update() if change else query)
    if row is None or not (actor.person_id == row.principal_id or _is_for_station(session, actor, row)):
        raise NotFound(MISSING, code="read_back_not_found")
    return row


def whom_to_call(session: Session, *, actor: Actor, read_back_id: int, vault: Vault, now: dt.datetime) -> WhomToCall:
    """Show whom to call.  The principal can read who looked.

    Raises ``Conflict`` for the agent, who cannot ask about their own doing, and ``TooMany`` beyond the day's limit.
    """
    row = read_back_for(session, actor, read_back_id)
    _refuse_agent(session, actor, row)
    principal = session.get_one(Person, row.principal_id)
    fields = (Field.NAME, Field.PHONE)
    purpose = revealing.purpose_for(session, Why(CALL_BACK), fields, now=now)
    look = Look(row.neighborhood_id, ("read_back", row.id), principal.id, fields)
    revealing.write_down(session, actor=actor, look=look, purpose=purpose, vault=vault, now=now)
    return WhomToCall(
        vault.open(principal.name_sealed, "person.name") if principal.name_sealed else "居民",
        vault.open(principal.phone_sealed, "person.phone") if principal.phone_sealed else None,
    )


def not_reached(session: Session, *, actor: Actor, read_back_id: int, now: dt.datetime) -> ReadBack:
    """Note a call that nobody answered; it stays on the list."""
    row = _open(session, actor, read_back_id)
    row.tries += 1
    row.last_tried_at = now
    return row


def answer(
    session: Session,
    *,
    actor: Actor,
    read_back_id: int,
    said: ReadBackAnswer,
    vault: Vault,
    now: dt.datetime,
    words: str | None = None,
) -> ReadBack:
    """Write down what the principal says to it; a question goes to the station's manager and into the audit trail.

    Raises ``InvalidInput`` for a question without words, ``Conflict`` for one that was answered, and for the agent.
    """
    row = _open(session, actor, read_back_id)
    words = (words or "").strip()
    if len(words) > WORDS_MOST or (said is ReadBackAnswer.QUESTION and not words):
        sentence = f"请写一句有什么疑问，最多{WORDS_MOST}个字。"
        raise InvalidInput(sentence, code="words_missing", errors={"words": [sentence]})
    row.answer, row.answered_at, row.answered_by_id = said, now, actor.person_id
    row.words_sealed = vault.seal(words, WORDS) if words else None
    audit.note_on(
        session,
        actor,
        row,
        "read_back.questioned" if said is ReadBackAnswer.QUESTION else "read_back.agreed",
        now,
        {"mandate_id": row.mandate_id, "month": row.month},
        about_person_id=row.principal_id,
    )
    if said is ReadBackAnswer.QUESTION:
        _raise_question(session, row, now)
    return row


def _open(session: Session, actor: Actor, read_back_id: int) -> ReadBack:
    row = read_back_for(session, actor, read_back_id, change=True)
    _refuse_agent(session, actor, row)
    if row.answer is not None:
        raise Conflict("这个月的已经问过、记下了，不用再打。", code="read_back_answered", state=row.answer.value)
    return row


def _refuse_agent(session: Session, actor: Actor, row: ReadBack) -> None:
    if session.get_one(Mandate, row.mandate_id).agent_id == actor.person_id:
        raise Conflict("您自己就是代办人，这个电话要由别人来打。请交给站里的同事。", code="own_read_back")


def _is_for_station(session: Session, actor: Actor, row: ReadBack) -> bool:
    """Whether the station may call: a principal below the actor's node, whom the inbox does not reach."""
    if row.means is not ReadBackMeans.CALL or not actor.may(Permission.MANDATE_RECORD) or not actor.hat.unit_path:
        return False
    below = access.lives_below(row.principal_id, row.neighborhood_id, actor.hat.unit_path)
    return bool(session.scalar(sa.select(below)))


def _raise_question(session: Session, row: ReadBack, now: dt.datetime) -> None:
    mandate = session.get_one(Mandate, row.mandate_id)
    principal = name_of(session.get_one(Person, row.principal_id))
    agent = name_of(session.get_one(Person, mandate.agent_id))
    for person_id in _who_answers(session, row.neighborhood_id, mandate.agent_id, now):
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=row.neighborhood_id,
            title="有人对代办有疑问",
            body=(
                f"{principal}对{spoken_month(row.month)}由{agent}代办的事有疑问，说的话在回访名单里。"
                "请尽快找双方问清楚；本人不想再委托，就马上停掉。"
            ),
            dedupe_key=f"read_back:{row.id}:question",
            page="/read-backs",
            now=now,
        )


def _who_answers(session: Session, neighborhood_id: int, agent_id: int | None, now: dt.datetime) -> list[int]:
    """Return the station's managers; when the agent is the only one, the officers above."""
    place = session.get_one(OrgUnit, neighborhood_id)

    def holders(role: Role, where: sa.ColumnElement[bool]) -> list[int]:
        query = (
            sa.select(Membership.person_id)
            .join(OrgUnit, OrgUnit.id == Membership.unit_id)
            .where(Membership.role == role, where, Membership.person_id != agent_id)
            .where(in_force(Membership.starts_at, Membership.ends_at, now))
            .distinct()
        )
        return list(session.scalars(query))

    above = sa.literal(place.path).startswith(OrgUnit.path)
    return holders(Role.STATION_MANAGER, OrgUnit.id == place.id) or holders(Role.COMMUNITY_OFFICER, above)
