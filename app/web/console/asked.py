"""What many pages are asked for: a neighborhood, and a page of a list."""

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from app import identity
from services.errors import InvalidInput, NotFound
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


def query(schema: type[Schema], *but: str) -> dict[str, Any]:
    """Return what the address asks for, read with a schema of the API; ``but`` names what is not the schema's.

    Raises ``InvalidInput``.
    """
    try:
        loaded: dict[str, Any] = schema().load({name: value for name, value in request.args.items() if name not in but})
    except ValidationError as error:
        raise InvalidInput("地址里有认不出的选项。请从页面上点。", errors=error.messages_dict) from error
    return loaded
