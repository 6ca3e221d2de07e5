"""The tickets behind a number."""

import sqlalchemy as sa

from models import Ticket, TicketCategory
from services.errors import InvalidInput
from services.indices import facts
from services.indices.facts import Scope
from services.indices.parts import BY_WORKER, PARTS, Part, is_about
from services.reading.pages import Page, PageRequest, fetch

NOT_OF_A_WORKER = "这一项算的是服务站，不算到师傅个人。请去掉师傅再看。"


def tickets(
    connection: sa.Connection, scope: Scope, *, part: Part, page: PageRequest, worker_id: int | None = None
) -> Page:
    """Return the tickets that a number counts, newest first; with a worker, those of them that are their work.

    Raises ``InvalidInput`` for a worker and a part that counts nobody's work.
    """
    found = facts.of(scope)
    conditions = [PARTS[part](found.c)]
    if worker_id is not None:
        if part not in BY_WORKER:
            raise InvalidInput(NOT_OF_A_WORKER, code="not_of_a_worker", errors={"worker_id": [NOT_OF_A_WORKER]})
        conditions.append(is_about(part, worker_id)(found.c))
    statement = (
        sa.select(
            Ticket.id,
            Ticket.number,
            TicketCategory.name.label("category"),
            Ticket.place_label,
            Ticket.urgency,
            Ticket.state,
            Ticket.submitted_at,
        )
        .join(found, found.c.id == Ticket.id)
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .where(*conditions)
    )
    return fetch(connection, statement, Ticket.id.expression, page)
