"""What many pages are asked for: a neighborhood, and a page of a list."""

from flask import request

from app import identity
from services.errors import NotFound
from services.reading.pages import PageRequest

CHOOSE = "请先在“今天”里选一个小区。"


def neighborhood() -> int:
    """Return the neighborhood of the hat or, for somebody above, the one in the address.  Scope is the service's to check.

    Raises ``NotFound`` when there is neither.
    """
    found = request.args.get("neighborhood", type=int) or identity.actor().hat.neighborhood_id
    if found is None or not 0 < found < 2**63:
        raise NotFound(CHOOSE, code="choose_a_neighborhood")
    return found


def further_page() -> PageRequest:
    """Return which page of a list is asked for."""
    return PageRequest(cursor=request.args.get("cursor"))
