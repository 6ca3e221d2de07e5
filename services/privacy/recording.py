"""Consents of people without a phone: on paper, or spoken before a witness, written down by the station."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from models import Consent, Person, StoredFile, ToldHow
from services import access, audit, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import InvalidInput, NotFound
from services.org.persons import Who, person_for
from services.privacy import consents, selves, withdrawing
from services.privacy.consents import Told
from services.vault import Vault


@dataclass(frozen=True)
class Proof:
    """What shows that the person really said so."""

    how: ToldHow
    witness_id: int | None = None
    photo: str | None = None
    """Token of an uploaded photo of the signed paper."""
    paper_place: str | None = None


def record(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    text_id: int,
    given: bool,
    proof: Proof,
    vault: Vault,
    now: dt.datetime,
) -> Consent:
    """Write down what somebody in the actor's scope said, and tell them that it was written down.

    Raises ``NotFound`` out of scope and ``InvalidInput`` when the proof is missing or the actor speaks for themselves.
    """
    person = person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    told = told_by(session, actor=actor, person=person, proof=proof, vault=vault, now=now)
    consent = consents.answer(
        session, actor=actor, text_id=text_id, given=given, now=now, person_id=person.id, told=told
    )
    _tell(session, consent, "同意" if given else "不同意", now)
    return consent


def withdraw(session: Session, *, actor: Actor, person_id: int, kind: str, vault: Vault, now: dt.datetime) -> Consent:
    """Withdraw for somebody who called or came.  It works at once: no proof is asked of a no."""
    person = person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    consent = withdrawing.withdraw(session, actor=actor, about_person_id=person.id, kind=kind, now=now)
    _tell(session, consent, "收回同意", now)
    return consent


def of_person(
    session: Session, *, actor: Actor, person_id: int, vault: Vault, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return what somebody in the actor's scope agreed to."""
    person = person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    return consents.standing(session, person_id=person.id, now=now)


def open_paper(
    session: Session, *, actor: Actor, person_id: int, consent_id: int, vault: Vault, now: dt.datetime
) -> str:
    """Return the token of the photo of a signed paper; the person reads that it was looked at.

    Raises ``NotFound`` out of scope, and where the paper was not photographed.
    """
    person = person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    consent = session.get(Consent, consent_id)
    if consent is None or consent.about_person_id != person.id or consent.file_id is None:
        raise NotFound("这一条没有拍下来的纸。请看登记时写的“纸放在哪里”。", code="paper_not_found")
    audit.note_on(
        session, actor, consent, "consent.paper_seen", now, {"kind": consent.kind_code}, about_person_id=person.id
    )
    return session.get_one(StoredFile, consent.file_id).token


def person_in_scope(session: Session, *, actor: Actor, person_id: int, vault: Vault, now: dt.datetime) -> Person:
    """Return a person who lives or works below the actor's node.  Raises ``NotFound``."""
    return person_for(session, actor=actor, who=Who(person_id=person_id), vault=vault, now=now)


def told_by(session: Session, *, actor: Actor, person: Person, proof: Proof, vault: Vault, now: dt.datetime) -> Told:
    """Return how somebody said it, if the proof is enough.  Raises ``InvalidInput``."""
    if person.id == actor.person_id:
        raise InvalidInput("自己的同意请在“我的”里自己点，不用登记。", code="own_consent")
    if proof.how not in {ToldHow.PAPER, ToldHow.SPOKEN}:
        raise InvalidInput("请选是写在纸上的，还是口头说的。", code="how_invalid", errors={"how": ["请选一种。"]})
    file_id = None
    if proof.how is ToldHow.PAPER:
        if not proof.photo and not proof.paper_place:
            said = "请拍下签了字的纸，或者写明纸放在哪个本子里。"
            raise InvalidInput(said, code="proof_missing", errors={"paper_place": [said]})
        file_id = access.photo_for(session, actor, proof.photo).id if proof.photo else None
    elif proof.witness_id in {None, actor.person_id, person.id}:
        said = "口头同意要有另外一个人在场听见，请选这位见证人，不能是您自己或者本人。"
        raise InvalidInput(said, code="witness_missing", errors={"witness_id": [said]})
    witness_id = proof.witness_id if proof.how is ToldHow.SPOKEN else None
    if witness_id is not None:
        person_in_scope(session, actor=actor, person_id=witness_id, vault=vault, now=now)
    return Told(
        how=proof.how,
        recorded_by_id=actor.person_id,
        witness_id=witness_id,
        file_id=file_id,
        paper_place=proof.paper_place,
        neighborhood_id=selves.neighborhood_of(session, person.id),
    )


def _tell(session: Session, consent: Consent, said: str, now: dt.datetime) -> None:
    day = local_day(now)
    name = consents.name_of(session, consent.kind_code)
    inbox.put(
        session,
        person_id=consent.person_id,
        neighborhood_id=consent.neighborhood_id,
        title="服务站记下了您的意思",
        body=(
            f"{day.month}月{day.day}日，服务站按您说的记下：对“{name}”，您{said}。"
            "要是不对，请在“我的—我的资料”里改，或者告诉服务站。"
        ),
        page="/me/privacy",
        dedupe_key=f"consent:{consent.id}:{consent.ended_at is not None}",
        now=now,
    )
