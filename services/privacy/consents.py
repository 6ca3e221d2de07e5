"""Consents: exact texts by version, one answer a person and kind, asked again only when a text has really changed.

Nothing may remember that somebody agreed: whoever needs it asks ``holds`` at each use, so a withdrawal works at once.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Consent, ConsentAnswer, ConsentBasis, ConsentEnd, ConsentKind, ConsentText, ToldHow
from services import audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import hands

NOTICE = "notice"
CARE = "care"
CHILD = "child"
KIND_MISSING = "没有这一项。请从列表里选。"


@dataclass(frozen=True)
class Told:
    """How an answer reached us, and what proves it."""

    how: ToldHow = ToldHow.APP
    recorded_by_id: int | None = None
    witness_id: int | None = None
    file_id: int | None = None
    paper_place: str | None = None
    neighborhood_id: int | None = None


@dataclass(frozen=True)
class Shown:
    """A kind with the text that is shown now, and the oldest version to which an answer still counts."""

    kind: ConsentKind
    text: ConsentText
    oldest: int


def shown(session: Session, *, now: dt.datetime) -> list[Shown]:
    """Return every kind that is in use with its present text, in order."""
    rows = session.execute(
        sa.select(ConsentKind, ConsentText)
        .join(ConsentText, ConsentText.kind_code == ConsentKind.code)
        .where(ConsentText.since <= now, sa.or_(ConsentKind.ends_at.is_(None), ConsentKind.ends_at > now))
        .order_by(ConsentKind.place, ConsentKind.code, ConsentText.version)
    )
    found: dict[str, Shown] = {}
    for kind, text in rows:
        oldest = text.version if text.asks_again or kind.code not in found else found[kind.code].oldest
        found[kind.code] = Shown(kind, text, oldest)
    return list(found.values())


TEXT_FIELDS = (
    "kind", "name", "can_decline", "is_sensitive", "asked_at_start", "text_id", "version", "title", "body", "effect",
    "changed", "since",
)  # fmt: skip


def texts(session: Session, *, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the privacy notice and the other texts in force, for everybody."""
    lines = [_line(one, None, 0) for one in shown(session, now=now)]
    return [{name: line[name] for name in TEXT_FIELDS} for line in lines]


def standing(session: Session, *, person_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return every kind with what a person said about it; ``ask`` is true where an answer is missing or out of date."""
    answers = {
        consent.kind_code: (consent, version)
        for consent, version in session.execute(
            sa.select(Consent, ConsentText.version)
            .join(ConsentText, ConsentText.id == Consent.text_id)
            .where(Consent.about_person_id == person_id, Consent.ended_at.is_(None))
        )
    }
    return [_line(one, *answers.get(one.kind.code, (None, 0))) for one in shown(session, now=now)]


def holds(session: Session, *, person_id: int, kind: str, now: dt.datetime) -> bool:
    """Whether there is a consent about this person's data that counts now."""
    return counting(session, person_id=person_id, kind=kind, now=now) is not None


def counting(session: Session, *, person_id: int, kind: str, now: dt.datetime) -> Consent | None:
    """Return the consent about this person's data that counts now."""
    row = session.execute(
        sa.select(Consent, ConsentText.version)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(
            Consent.about_person_id == person_id,
            Consent.kind_code == kind,
            Consent.answer == ConsentAnswer.GIVEN,
            Consent.ended_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    present = next((one for one in shown(session, now=now) if one.kind.code == kind), None)
    return row.Consent if present is not None and row.version >= present.oldest else None


def answer(
    session: Session,
    *,
    actor: Actor,
    text_id: int,
    given: bool,
    now: dt.datetime,
    person_id: int | None = None,
    about_person_id: int | None = None,
    told: Told | None = None,
) -> Consent:
    """Write down a yes or no to the text that was shown; an earlier answer to the same kind ends.

    ``person_id`` is who answered when it was not the actor, ``about_person_id`` the child a guardian answers for.
    Raises ``NotFound`` for an unknown text, ``Conflict`` when a newer one is in force, ``InvalidInput`` for a no where
    there is nothing to choose.
    """
    hands.own(actor)
    told = told or Told()
    present = next((one for one in shown(session, now=now) if one.text.id == text_id), None)
    if present is None:
        if session.get(ConsentText, text_id) is None:
            raise NotFound("没有找到这份说明。请重新打开再看。", code="text_not_found")
        raise Conflict("这份说明已经换了新的。请重新打开，看过新的再点。", code="text_changed")
    if not given and present.kind.basis is not ConsentBasis.CONSENT:
        raise InvalidInput("这份说明只是告诉您，点“知道了”就行，不用选同意不同意。", code="nothing_to_decline")
    person_id = person_id if person_id is not None else actor.person_id
    about = about_person_id if about_person_id is not None else person_id
    _end_open(session, about, [present.kind.code], why=ConsentEnd.CHANGED, by_id=actor.person_id, now=now)
    consent = Consent(
        neighborhood_id=told.neighborhood_id,
        person_id=person_id,
        about_person_id=about,
        kind_code=present.kind.code,
        text_id=text_id,
        answer=ConsentAnswer.GIVEN if given else ConsentAnswer.DECLINED,
        at=now,
        how=told.how,
        recorded_by_id=told.recorded_by_id,
        witness_id=told.witness_id,
        file_id=told.file_id,
        paper_place=told.paper_place,
    )
    session.add(consent)
    session.flush()
    _note(session, actor, consent, f"consent.{consent.answer.value}", now, version=present.text.version)
    return consent


def end(session: Session, *, actor: Actor | None, consent: Consent, why: ConsentEnd, now: dt.datetime) -> None:
    """End an answer.  What hangs on it is the business of ``services.privacy.withdrawing``."""
    consent.ended_at, consent.end_why = now, why
    consent.ended_by_id = actor.person_id if actor else None
    _note(session, actor, consent, f"consent.{why.value}", now)


def open_answer(session: Session, *, about_person_id: int, kind: str) -> Consent:
    """Return the yes that can be withdrawn, locked.

    Raises ``NotFound`` for an unknown kind, ``Conflict`` when there is nothing to withdraw or it is no matter of consent.
    """
    row = session.get(ConsentKind, kind)
    if row is None:
        raise NotFound(KIND_MISSING, code="kind_not_found")
    if row.basis is not ConsentBasis.CONSENT:
        raise Conflict(
            "这一项是告诉您的说明，没有同意可以收回。不想再用，可以在“我的资料”里要求删除。", code="not_a_consent"
        )
    found = session.scalar(
        sa.select(Consent)
        .where(
            Consent.about_person_id == about_person_id,
            Consent.kind_code == kind,
            Consent.answer == ConsentAnswer.GIVEN,
            Consent.ended_at.is_(None),
        )
        .with_for_update()
    )
    if found is None:
        raise Conflict("您没有同意过这一项，或者已经收回了，不用再收。", code="nothing_to_withdraw")
    return found


def agreed_for(session: Session, *, guardian_id: int, child_id: int) -> bool:
    """Whether a guardian's consent for a child is open."""
    query = sa.exists().where(
        Consent.person_id == guardian_id,
        Consent.about_person_id == child_id,
        Consent.kind_code == CHILD,
        Consent.answer == ConsentAnswer.GIVEN,
        Consent.ended_at.is_(None),
    )
    return bool(session.scalar(sa.select(query)))


def name_of(session: Session, kind: str) -> str:
    """Return what people call a kind."""
    return session.get_one(ConsentKind, kind).name


def end_all(session: Session, *, person_ids: Sequence[int], by_id: int | None, now: dt.datetime) -> int:
    """End every answer of persons who are erased; return how many."""
    done: Any = session.execute(
        sa.update(Consent)
        .where(Consent.about_person_id.in_(person_ids), Consent.ended_at.is_(None))
        .values(ended_at=now, end_why=ConsentEnd.ERASED, ended_by_id=by_id)
    )
    return int(done.rowcount)


def _end_open(
    session: Session, about: int, kinds: Sequence[str], *, why: ConsentEnd, by_id: int | None, now: dt.datetime
) -> None:
    session.execute(
        sa.update(Consent)
        .where(Consent.about_person_id == about, Consent.kind_code.in_(kinds), Consent.ended_at.is_(None))
        .values(ended_at=now, end_why=why, ended_by_id=by_id)
    )


def _line(one: Shown, consent: Consent | None, version: int) -> dict[str, Any]:
    kind, text = one.kind, one.text
    counts = consent is not None and version >= one.oldest
    return {
        "kind": kind.code,
        "name": kind.name,
        "can_decline": kind.basis is ConsentBasis.CONSENT,
        "is_sensitive": kind.is_sensitive,
        "asked_at_start": kind.asked_at_start,
        "text_id": text.id,
        "version": text.version,
        "title": text.title,
        "body": text.body,
        "effect": text.effect,
        "changed": text.changed,
        "since": text.since,
        "answer": consent.answer if consent is not None and counts else None,
        "answered_at": consent.at if consent is not None and counts else None,
        "how": consent.how if consent is not None and counts else None,
        "answered_version": version or None,
        "consent_id": consent.id if consent is not None and counts else None,
        "has_paper": consent is not None and counts and consent.file_id is not None,
        "ask": not counts,
    }


def _note(session: Session, actor: Actor | None, consent: Consent, action: str, now: dt.datetime, **more: Any) -> None:
    audit.note_on(
        session,
        actor,
        consent,
        action,
        now,
        {"kind": consent.kind_code, "how": consent.how.value, "text_id": consent.text_id, **more},
        about_person_id=consent.about_person_id,
    )
