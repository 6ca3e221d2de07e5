"""What can be paid.  A domain that asks for money adds its kind here; payments know nothing else of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import Charge
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.payments import charges


@dataclass(frozen=True)
class Subject:
    """Something to be paid, as it is now: locked, owed, and the actor's to pay.  ``amount`` is fen."""

    kind: str
    id: int
    neighborhood_id: int
    home_id: int | None
    amount: int
    description: str


Loader = Callable[[Session, Actor, int], Subject]


def load(session: Session, actor: Actor, kind: str, subject_id: int) -> Subject:
    """Return a subject, locked.  Raises ``NotFound`` where it is not the actor's, ``Conflict`` where nothing is owed."""
    return LOADERS[kind](session, actor, subject_id)


def _charge(session: Session, actor: Actor, charge_id: int) -> Subject:
    charge = charges.locked(session, charge_id)
    own = charge is not None and any(dwelling.home_id == charge.home_id for dwelling in actor.dwellings)
    if charge is None or not own:
        raise NotFound(charges.CHARGE_MISSING, code="charge_not_found")
    if charge.withdrawn_at is not None:
        raise Conflict("这笔收费已经撤回，不用交了。", code="charge_withdrawn")
    if charges.is_paid(session, charge.id):
        raise Conflict("这笔已经交过了，不用再交。", code="already_paid")
    return Subject(
        Charge.__tablename__, charge.id, charge.neighborhood_id, charge.home_id, charge.amount, charge.description
    )


LOADERS: Mapping[str, Loader] = {Charge.__tablename__: _charge}
