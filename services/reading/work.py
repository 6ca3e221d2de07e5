"""Work for screens: what a worker may take, and what colleagues would like to hand over."""

import datetime as dt

import sqlalchemy as sa

from models import POOL_STATES, Ticket
from services.actors import Actor
from services.reading.pages import Page, PageRequest, PreparedPages, fetch
from services.reading.tickets import SUMMARY, finish

_ASKED = PreparedPages(SUMMARY.where(Ticket.transfer_to_id == sa.bindparam("person")), Ticket.id.expression)


def pool(connection: sa.Connection, *, actor: Actor, page: PageRequest, now: dt.datetime) -> Page:
    """Return what the station has read and nobody works on, below the worker's node, newest first: one statement."""
    statement = SUMMARY.where(
        Ticket.neighborhood_id == actor.hat.neighborhood_id,
        Ticket.settled_at.is_(None),
        Ticket.state.in_(sorted(POOL_STATES)),
        Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True),
    )
    return finish(fetch(connection, statement, Ticket.id.expression, page), now)


def asked(connection: sa.Connection, *, actor: Actor, page: PageRequest, now: dt.datetime) -> Page:
    """Return what colleagues ask the worker to take over: one statement."""
    return finish(_ASKED.fetch(connection, page, person=actor.person_id), now)
