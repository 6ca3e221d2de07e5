"""Keyset pages: newest first by id, so that page 1,000 costs what page 1 costs and nothing is shown twice."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.errors import InvalidInput

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
    rows = connection.execute(
        statement.order_by(key.desc()).limit(sa.bindparam("page_limit", type_=sa.Integer())),
        {"page_limit": request.limit + 1, **(parameters or {})},
    ).mappings()
    items = [dict(row) for row in rows]
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
