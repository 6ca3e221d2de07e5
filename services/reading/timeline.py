"""The timeline of a ticket: its events in order, each with its photos."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import SHOWN_STATES, ContentCheck, ContentSubject, Person, Role, StoredFile, TicketEvent, TicketPhoto
from services.acting import signatures
from services.permissions import ROLE_NAMES
from services.prepared import Prepared
from services.tickets.moves import ACTION_NAMES, Action

_by = aliased(Person)

_EVENTS = (
    sa.select(
        TicketEvent.id,
        TicketEvent.at,
        TicketEvent.action,
        TicketEvent.role,
        _by.known_as.label("by"),
        TicketEvent.from_state,
        TicketEvent.to_state,
        TicketEvent.note,
        TicketEvent.detail,
        TicketEvent.mandate_id,
        TicketPhoto.phase,
        StoredFile.token.label("photo"),
    )
    .outerjoin(_by, _by.id == TicketEvent.actor_id)
    .outerjoin(
        TicketPhoto,
        # The ticket is named too: its photos have an index, those of an event have none.
        sa.and_(TicketPhoto.ticket_id == TicketEvent.ticket_id, TicketPhoto.event_id == TicketEvent.id),
    )
    .outerjoin(StoredFile, StoredFile.id == TicketPhoto.file_id)
    .where(TicketEvent.ticket_id == sa.bindparam("ticket"))
    .order_by(TicketEvent.id, TicketPhoto.position)
)
_TIMELINE = Prepared(_EVENTS)


def _shown(subject: ContentSubject, subject_id: Any) -> sa.ColumnElement[bool]:
    """Whether the content check lets neighbors see it; its constants are spelled out, as prepared statements want them."""
    states = ", ".join(f"'{state.value}'" for state in sorted(SHOWN_STATES))
    return sa.exists().where(
        sa.literal_column("content_check.subject_kind") == sa.literal_column(f"'{subject.value}'"),
        ContentCheck.subject_id == subject_id,
        sa.literal_column(f"content_check.state in ({states})"),
    )


_NEIGHBORS_TIMELINE = Prepared(
    _EVENTS.add_columns(
        _shown(ContentSubject.TICKET_EVENT, TicketEvent.id).label("note_shown"),
        _shown(ContentSubject.PHOTO, TicketPhoto.file_id).label("photo_shown"),
    )
)
"""The same statement, with two columns that only a neighbor's screen needs: what others see costs nothing more."""


def of(connection: sa.Connection, ticket_id: int, *, neighbor: bool) -> list[dict[str, Any]]:
    """Return the events in order, each with its photos; who acted for somebody is signed with both.

    A neighbor sees only what was checked.
    """
    events: list[dict[str, Any]] = []
    statement = _NEIGHBORS_TIMELINE if neighbor else _TIMELINE
    rows = statement.rows(connection, ticket=ticket_id)
    mandates = {row["mandate_id"] for row in rows} - {None}
    signed = signatures(connection, mandates) if mandates else {}
    for row in rows:
        if not events or events[-1]["id"] != row["id"]:
            events.append(
                {
                    "id": row["id"],
                    "at": row["at"],
                    "action": row["action"],
                    "action_name": ACTION_NAMES[Action(row["action"])],
                    "role": row["role"],
                    "role_name": ROLE_NAMES[Role(row["role"])] if row["role"] else "系统",
                    "by": signed.get(row["mandate_id"], row["by"]),
                    "by_proxy": row["mandate_id"] is not None,
                    "from_state": row["from_state"],
                    "to_state": row["to_state"],
                    "note": row["note"] if row.get("note_shown", True) else None,
                    "detail": row["detail"],
                    "photos": [],
                }
            )
        if row["photo"] is not None and row.get("photo_shown", True):
            events[-1]["photos"].append({"id": row["photo"], "phase": row["phase"]})
    return events
