"""Keyset pages: newest first by id, so that page 1,000 costs what page 1 costs and nothing is shown twice."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.errors import InvalidInput
from services.prepared import Prepared

MOST = 100
USUAL = 20
CURSOR_WRONG = "这一页的位置不对。请回到第一页重新看。"


@dataclass(frozen=True)
class PageRequest:
    """How many, and after which item."""

    limit: int = USUAL
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next ones begin (nothing at the end)."""

    items: Sequence[dict[str, Any]]
    next: str | None


def fetch(
    connection: sa.Connection,
    statement: sa.Select[*tuple[Any, ...]],
    key: sa.ColumnElement[int],
    request: PageRequest,
    parameters: dict[str, Any] | None = None,
) -> Page:
    """Run a list query newest first; ``key`` is the id that orders it.  One row more than asked tells if there is more."""
    if request.cursor:
        statement = statement.where(key < decode(request.cursor))
    # The number of rows is spelled out: with a parameter in its place PostgreSQL plans the statement anew each time.
    limited = statement.order_by(key.desc()).limit(sa.literal_column(str(request.limit + 1)))
    return cut([dict(row) for row in connection.execute(limited, parameters or {}).mappings()], request)


class PreparedPages:
    """A list that is asked for all day long, without filters: one prepared statement per size of page."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]], key: sa.ColumnElement[int]) -> None:
        newest_first = statement.order_by(key.desc())
        self._first = newest_first
        self._after = newest_first.where(key < sa.bindparam("page_after", type_=sa.BigInteger()))
        self._ready: dict[tuple[bool, int], Prepared] = {}

    def fetch(self, connection: sa.Connection, request: PageRequest, **parameters: int) -> Page:
        """Return the page asked for."""
        after = {"page_after": decode(request.cursor)} if request.cursor else {}
        which = (bool(after), request.limit)
        if which not in self._ready:
            statement = self._after if after else self._first
            self._ready[which] = Prepared(statement.limit(sa.literal_column(str(request.limit + 1))))
        return cut(self._ready[which].rows(connection, **parameters, **after), request)


def cut(items: list[dict[str, Any]], request: PageRequest) -> Page:
    """Return the page that rows (one more than asked, if there are so many) make."""
    more = len(items) > request.limit
    items = items[: request.limit]
    return Page(items, encode(items[-1]["id"]) if more else None)


def encode(last_id: int) -> str:
    """Return the cursor after an id: opaque, so that clients do not build their own."""
    return base64.urlsafe_b64encode(f"i{last_id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> int:
    """Return the id a cursor stands for, or raise ``InvalidInput``."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        last_id = int(text.removeprefix("i"))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(CURSOR_WRONG, code="cursor_invalid", errors={"cursor": [CURSOR_WRONG]}) from error
    if not 0 < last_id < 2**63:
        raise InvalidInput(CURSOR_WRONG, code="cursor_invalid", errors={"cursor": [CURSOR_WRONG]})
    return last_id
