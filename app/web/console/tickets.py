"""Tickets to read at the console: the station's list, and one with its history."""

from dataclasses import dataclass

from flask import request

from app import identity, links
from app.api.answers import now
from app.guards import allow
from app.transaction import reading
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from models import TicketState
from services.permissions import Permission
from services.reading import tickets as reading_tickets
from services.reading.tickets import NO_FILTERS, Filters

blp = ConsoleBlueprint("tickets", __name__, entries=(Entry("单子", "console_tickets.listed", Permission.TICKET_LIST),))


@dataclass(frozen=True)
class View:
    """A part of the list."""

    key: str
    label: str
    filters: Filters
    empty: str


VIEWS = (
    View("", "在办", NO_FILTERS, "现在没有在办的单子。居民报修以后，会出现在这里。"),
    View("late", "超时", Filters(overdue=True), "没有超时的单子，办得很及时。"),
    View("new", "新报的", Filters(state=TicketState.SUBMITTED), "没有新报的单子。"),
    View("back", "没修好", Filters(state=TicketState.REOPENED), "没有返修的单子。"),
    View("all", "全部", Filters(settled=True), "这个小区还没有报过修。"),
)


@blp.get("/tickets")
@allow(Permission.TICKET_LIST, own_transactions=True)
def listed() -> str:
    """Show the station's list."""
    actor = identity.actor()
    view = next((one for one in VIEWS if one.key == request.args.get("view", "")), VIEWS[0])
    neighborhood_id = asked.neighborhood()
    with reading() as connection:
        found = reading_tickets.of_neighborhood(
            connection,
            actor=actor,
            neighborhood_id=neighborhood_id,
            filters=view.filters,
            page=asked.further_page(),
            now=now(),
        )
    chosen = neighborhood_id if neighborhood_id != actor.hat.neighborhood_id else None
    return pages.page("ticket_list.html", found=found, view=view, views=VIEWS, neighborhood_id=chosen)


@blp.get("/tickets/<id:ticket_id>")
@allow(Permission.TICKET_READ, own_transactions=True)
def one(ticket_id: int) -> str:
    """Show a ticket with its history."""
    with reading() as connection:
        found = reading_tickets.one(connection, actor=identity.actor(), ticket_id=ticket_id, now=now())
    for photo in (photo for event in found["timeline"] for photo in event["photos"]):
        photo["url"] = links.photo(photo["id"], now=now())
    return pages.page("ticket.html", one=found)
