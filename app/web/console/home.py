"""The first page after signing in: what the hat has before it today."""

from typing import Any

from app import identity
from app.api.answers import now
from app.guards import allow
from app.transaction import reading
from app.web.console import pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from services.actors import Actor
from services.permissions import Permission
from services.reading import tickets as reading_tickets
from services.reading import today as reading_today
from services.reading.pages import PageRequest
from services.reading.tickets import NO_FILTERS, Filters
from services.residencies import waiting

blp = ConsoleBlueprint("home", __name__, entries=(Entry("今天", pages.HOME, Permission.ME_READ),))
FEW = PageRequest(limit=8)


@blp.get("")
@allow(Permission.ME_READ, own_transactions=True)
def today() -> str:
    """Show what is new, what is late, and what waits for me."""
    with reading() as connection:
        shown = _shown(connection, identity.actor())
    return pages.page("today.html", **shown)


def _shown(connection: Any, actor: Actor) -> dict[str, Any]:
    when = now()
    place = actor.hat.neighborhood_id
    if actor.may(Permission.TICKET_LIST) and place is not None:
        late = Filters(overdue=True)
        where: dict[str, Any] = {"neighborhood_id": place, "page": FEW, "now": when}
        reviews, phones = actor.may(Permission.RESIDENCY_REVIEW), actor.may(Permission.MANDATE_RECORD)
        return {
            "calls": reading_today.calls(connection, actor=actor) if phones else None,
            "requests": waiting.count(connection, actor=actor, neighborhood_id=place) if reviews else None,
            "counts": reading_today.counts(connection, actor=actor, now=when),
            "late": reading_tickets.of_neighborhood(connection, actor=actor, filters=late, **where).items,
            "newest": reading_tickets.of_neighborhood(connection, actor=actor, filters=NO_FILTERS, **where).items,
        }
    if actor.may(Permission.TICKET_LIST):
        return {"neighborhoods": reading_today.by_neighborhood(connection, actor=actor, now=when)}
    if actor.may(Permission.TICKET_WORK):
        return {"mine": reading_tickets.of_worker(connection, actor=actor, page=FEW, now=when).items}
    return {}
