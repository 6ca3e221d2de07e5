"""What views need around a service call: the clock, the page asked for, the version seen, and rows as JSON."""

import datetime as dt
from typing import Any

import orjson
from flask import Response, request

from services.errors import InvalidInput
from services.reading.pages import Page, PageRequest

VERSION_WRONG = "If-Match 要写打开单子时看到的版本号。"


def now() -> dt.datetime:
    """Return the time of this request, aware UTC."""
    return dt.datetime.now(dt.UTC)


def page_request(query: dict[str, Any]) -> PageRequest:
    """Return the page that a validated query asks for."""
    return PageRequest(query["limit"], query["cursor"])


def seen_version() -> int | None:
    """Return the version in `If-Match`: what the client last saw of the ticket."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    number = header.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:  # noqa: PLR2004 - fits an INTEGER column
        raise InvalidInput(VERSION_WRONG, code="version_invalid")
    return int(number)


def as_json(data: Any, *, version: int | None = None, status: int = 200) -> Response:
    """Return rows as they are, without a schema in between: for the few lists and views that must be fast.

    Their schemas document them, and a test holds rows and schemas together.
    """
    response = Response(orjson.dumps(data), status, mimetype="application/json")
    if version is not None:
        response.set_etag(str(version))
    return response


def page_json(page: Page) -> Response:
    """Return a page of rows."""
    return as_json({"items": page.items, "next": page.next})
