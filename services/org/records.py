"""What the records of a unit share: how a name is read, which neighborhood it is, the line in the audit trail."""

import datetime as dt

from sqlalchemy.orm import Session

from models import OrgUnit, UnitKind
from services import access, audit
from services.actors import Actor
from services.errors import InvalidInput, NotFound

NAME_MOST = 32


def read_name(name: str) -> str:
    """Return a name on one line.  Raises ``InvalidInput`` for none and for one that is too long."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MOST:
        said = f"请写名称，最多{NAME_MOST}个字。"
        raise InvalidInput(said, code="name_invalid", errors={"name": [said]})
    return name


def neighborhood_for(session: Session, actor: Actor | None, neighborhood_id: int) -> OrgUnit:
    """Return a neighborhood at or below the actor's node, locked, to write something about it.  Raises ``NotFound``."""
    unit = access.unit_for(session, actor, neighborhood_id, change=True)
    if unit.kind is not UnitKind.NEIGHBORHOOD:
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    return unit


def note(
    session: Session,
    actor: Actor | None,
    unit: OrgUnit | None,
    action: str,
    subject: tuple[str, int],
    now: dt.datetime,
) -> None:
    """Write down an act on a record of a unit."""
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=subject,
        neighborhood_id=unit.neighborhood_id if unit else None,
        detail={"unit_id": unit.id if unit else None},
    )
