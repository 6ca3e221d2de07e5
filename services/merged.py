"""A human being may have had several persons here: those that were merged into the one that stays."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import MergeState, PersonMerge


def all_ids(session: Session | sa.Connection, person_id: int) -> set[int]:
    """Return the ids under which rows about a person stand: the person's own, and those merged into it."""
    found, looking = {person_id}, {person_id}
    while looking:
        rows = session.execute(
            sa.select(PersonMerge.from_person_id).where(
                PersonMerge.into_person_id.in_(looking), PersonMerge.state == MergeState.DONE
            )
        )
        looking = {one for (one,) in rows if one is not None} - found
        found |= looking
    return found
