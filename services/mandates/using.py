"""Beginning to act for somebody, and being oneself again."""

import datetime as dt

from sqlalchemy.orm import Session

from services import audit, sign_in
from services.acting import acting_by
from services.actors import Actor
from services.errors import WrongHat


def act_for(session: Session, *, actor: Actor, mandate_id: int | None, now: dt.datetime) -> Actor:
    """Act by a mandate from now on; without one, be oneself again.  The sign-in stays that of who holds the phone.

    Raises ``WrongHat`` for a mandate that is not theirs or does not count.
    """
    entry = sign_in.open_entry(session, actor)
    entry.membership_id = entry.case_key_id = entry.mandate_id = None
    oneself = sign_in.actor_of_person(session, entry, now=now)
    if mandate_id is None:
        return oneself
    found = acting_by(session, mandate_id=mandate_id, agent_id=entry.person_id, now=now)
    if found is None:
        raise WrongHat("这份委托已经停了，或者不是给您的。请在“我的代办”里看看。", code="no_such_mandate")
    entry.mandate_id = mandate_id
    # The principal can read who entered in their name, and when.
    audit.note(
        session,
        actor=oneself,
        now=now,
        action="mandate.used",
        subject=("mandate", mandate_id),
        neighborhood_id=found.neighborhood_id,
        about_person_id=found.principal_id,
    )
    return sign_in.actor_of(session, entry, now=now)
