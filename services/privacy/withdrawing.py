"""Taking a consent back.  It works at once: whatever rests on it ends in the same transaction."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from models import Consent, ConsentEnd
from services.actors import Actor
from services.errors import NotFound
from services.privacy import care, consents, removal


def _end_care(session: Session, actor: Actor, consent: Consent, now: dt.datetime) -> None:
    care.end_all(session, person_ids=[consent.about_person_id], why="本人收回同意", by_id=actor.person_id, now=now)


def _forget_child(session: Session, actor: Actor, consent: Consent, now: dt.datetime) -> None:
    removal.erase(session, person_id=consent.about_person_id, actor=actor, now=now)


FOLLOWS: dict[str, Callable[[Session, Actor, Consent, dt.datetime], None]] = {
    consents.CARE: _end_care,
    consents.CHILD: _forget_child,
}
"""What ends with a consent.  Kinds that are not named here are asked for at each use, so there is nothing to end."""


def for_child(session: Session, *, actor: Actor, person_id: int, now: dt.datetime) -> Consent:
    """Take back what a guardian agreed to for a child: the child's data are erased.

    Raises ``NotFound`` for a child for whom the actor did not agree.
    """
    if not consents.agreed_for(session, guardian_id=actor.person_id, child_id=person_id):
        raise NotFound("没有找到这个孩子。请选您自己登记的孩子。", code="person_not_found")
    return withdraw(session, actor=actor, about_person_id=person_id, kind=consents.CHILD, now=now)


def withdraw(session: Session, *, actor: Actor, about_person_id: int, kind: str, now: dt.datetime) -> Consent:
    """Take back a yes about a person's data.  See ``consents.open_answer`` for what it raises."""
    consent = consents.open_answer(session, about_person_id=about_person_id, kind=kind)
    consents.end(session, actor=actor, consent=consent, why=ConsentEnd.WITHDRAWN, now=now)
    if follow := FOLLOWS.get(kind):
        follow(session, actor, consent, now)
    return consent
