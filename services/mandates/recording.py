"""A consent that was not tapped: spoken to the station before a witness, or signed on paper and photographed.

The station writes down who heard it, who else was there, which words were read out, and when.  Whoever writes it down can
be neither of the two.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Home,
    Mandate,
    MandateConsent,
    MandateState,
    MandateText,
    OrgUnit,
    Person,
    Residency,
    StoredFile,
    WeChatAccount,
)
from services import access, files
from services.actors import Actor
from services.clocks import DAY
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import rules, telling
from services.mandates.giving import Terms, check_pair, note, write
from services.org.persons import Who, person_for
from services.permissions import Permission
from services.residencies import invitations
from services.terms import in_force
from services.vault import Vault

AT_MOST_AGO = 31 * DAY
"""What was said longer ago is said again: nobody remembers the words."""


@dataclass(frozen=True)
class Evidence:
    """How the principal said yes."""

    consent: MandateConsent
    text_id: int
    """The words that were read out, or that stand on the paper."""
    at: dt.datetime
    witness: Who | None = None
    photo: str | None = None
    """The token of the photographed paper."""


@dataclass(frozen=True)
class Recorded:
    """A mandate, and the code by which an agent who is new here binds their phone (shown only now)."""

    mandate: Mandate
    agent_code: str | None


def record(
    session: Session,
    *,
    actor: Actor,
    neighborhood_id: int,
    principal_id: int,
    agent: Who,
    terms: Terms,
    evidence: Evidence,
    vault: Vault,
    now: dt.datetime,
) -> Recorded:
    """Write down a mandate that a resident gave by word or on paper; it counts at once.

    Raises ``NotFound`` for a resident out of scope, ``InvalidInput`` for evidence that is not whole, ``Conflict`` when
    whoever writes it down is one of the two, or when there is such a mandate already.
    """
    principal = _principal(session, actor, neighborhood_id, principal_id, now)
    rule = rules.rule_for(session, neighborhood_id, now)
    rules.check_areas(session, rule, terms.areas, evidence.consent, principal.id, now)
    _check(session, evidence, now)
    agent_person = person_for(session, actor=actor, who=agent, vault=vault, now=now)
    witness = person_for(session, actor=actor, who=evidence.witness, vault=vault, now=now) if evidence.witness else None
    _check_people(actor, principal, agent_person, witness)
    mandate = Mandate(
        neighborhood_id=neighborhood_id,
        principal_id=principal.id,
        agent_id=agent_person.id,
        relation=terms.relation,
        consent=evidence.consent,
        text_id=evidence.text_id,
        state=MandateState.IN_FORCE,
        consented_at=evidence.at,
        recorded_by_id=actor.person_id,
        witness_id=witness.id if witness else None,
        file_id=_paper(session, actor, evidence),
        starts_at=now,
        ends_at=rules.period(rule, terms.until, now),
        created_at=now,
    )
    check_pair(session, rule, mandate, agent_person.id, terms.areas, now)
    write(session, mandate, terms.areas)
    detail = {"areas": sorted(terms.areas), "consent": evidence.consent.value, "text_id": evidence.text_id}
    note(session, actor, mandate, "mandate.recorded", now, detail)
    telling.recorded(session, mandate, now)
    return Recorded(mandate, _code_for(session, actor, agent_person, neighborhood_id, now))


def _principal(session: Session, actor: Actor, neighborhood_id: int, person_id: int, now: dt.datetime) -> Person:
    """Return a resident of the neighborhood who lives at or below the actor's node."""
    access.neighborhood_for(session, actor, neighborhood_id)
    lives = session.scalar(
        sa.select(Residency.id)
        .join(Home, Home.id == Residency.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(
            Residency.person_id == person_id,
            Residency.neighborhood_id == neighborhood_id,
            in_force(Residency.starts_at, Residency.ends_at, now),
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
        )
        .limit(1)
    )
    if lives is None:
        raise NotFound("没有找到这位居民，或者不归您管。请从住户名单里选委托人。", code="person_not_found")
    return session.get_one(Person, person_id)


def _check(session: Session, evidence: Evidence, now: dt.datetime) -> None:
    if evidence.consent is MandateConsent.IN_APP:
        raise _wrong("consent", "手机上的委托要本人自己点。请选口头或者纸上。", "consent_invalid")
    newest = rules.texts(session, now)[evidence.consent]
    if evidence.text_id != newest.id:
        known = session.get(MandateText, evidence.text_id)
        said = "念的话已经更新了。请按新的念一遍，本人同意了再登记。"
        if known is None or known.consent is not evidence.consent:
            said = "没有这段话。请从列表里选。"
        raise _wrong("text_id", said, "text_invalid")
    if not now - AT_MOST_AGO <= evidence.at <= now:
        raise _wrong("consented_at", f"请写本人同意的时间，要在最近{AT_MOST_AGO.days}天里。", "dates_invalid")
    if evidence.consent is MandateConsent.SPOKEN and evidence.witness is None:
        raise _wrong("witness", "口头的委托要有一位见证人一起听。请填见证人。", "witness_missing")
    if evidence.consent is MandateConsent.PAPER and evidence.photo is None:
        raise _wrong("photo", "请把签了字的委托书拍一张照片，再登记。", "photo_missing")


def _check_people(actor: Actor, principal: Person, agent: Person, witness: Person | None) -> None:
    if actor.person_id in {principal.id, agent.id}:
        raise Conflict("自己是委托人或者代办人的，要请别的工作人员来登记。", code="recorded_by_a_party")
    if witness is not None and witness.id in {principal.id, agent.id, actor.person_id}:
        raise _wrong("witness", "见证人要是第四个人：不能是委托人、代办人，也不能是登记的人。", "witness_invalid")


def open_paper(session: Session, *, actor: Actor, mandate_id: int, now: dt.datetime) -> str:
    """Return the token of the photo of a signed paper; the principal reads that it was looked at.

    Raises ``NotFound`` for who is neither of the two nor of the station, and for a mandate that was not given on paper.
    """
    mandate = access.mandate_for(session, actor, mandate_id)
    if mandate.file_id is None:
        raise NotFound("这份委托没有签过字的纸：是在手机上点的，或者是口头说的。", code="paper_not_found")
    note(session, actor, mandate, "mandate.paper_seen", now)
    return session.get_one(StoredFile, mandate.file_id).token


def _paper(session: Session, actor: Actor, evidence: Evidence) -> int | None:
    if evidence.consent is not MandateConsent.PAPER or evidence.photo is None:
        return None
    [file_id] = files.unattached(session, actor=actor, tokens=[evidence.photo], most=1)
    if session.scalar(sa.select(Mandate.id).where(Mandate.file_id == file_id)) is not None:
        raise NotFound("这张照片已经用过了。请重新拍一张上传。", code="photo_not_found")
    return file_id


def _code_for(session: Session, actor: Actor, agent: Person, neighborhood_id: int, now: dt.datetime) -> str | None:
    """Return a code for an agent whose phone is not bound to them yet."""
    bound = session.scalar(sa.select(WeChatAccount.id).where(WeChatAccount.person_id == agent.id).limit(1))
    if bound is not None or not actor.may(Permission.HOME_INVITE):
        return None
    return invitations.invite_person(
        session, actor=actor, person_id=agent.id, neighborhood_id=neighborhood_id, now=now
    ).code


def _wrong(field: str, said: str, code: str) -> InvalidInput:
    return InvalidInput(said, code=code, errors={field: [said]})
