"""Printing codes: reads rows, then pictures from the file store with no transaction open, then draws."""

from typing import Any

from app.settings import gateways, settings
from app.transaction import transaction
from services.actors import Actor
from services.codes import printing
from services.codes.printing import Format, Printed, Size, What

ADDRESS = "/s/"
"""Where printed addresses begin: short, so that the code has large dots."""


def address(token: str) -> str:
    """Return the address of a code: it never changes, whatever becomes of WeChat's links."""
    return f"{settings().public_url}{ADDRESS}{token}"


def many(
    actor: Actor | None,
    neighborhood_id: int,
    *,
    what: What,
    size: Size,
    format: Format,  # noqa: A002 - as the query names it
    page: int = 1,
) -> Printed:
    """Return the sheets of all codes of a kind."""
    with transaction(read_only=True) as session:
        job = printing.collect(session, actor=actor, neighborhood_id=neighborhood_id, what=what, size=size)
    return _drawn(job, format, page)


def one(actor: Actor | None, code_id: int, *, size: Size, format: Format) -> Printed:  # noqa: A002 - as the query names it
    """Return the sheet of one code."""
    with transaction(read_only=True) as session:
        job = printing.collect_one(session, actor=actor, code_id=code_id, size=size)
    return _drawn(job, format, 1)


def _drawn(job: printing.Job, wanted: Format, page: int) -> Printed:
    options: dict[str, Any] = {"address": address, "files": gateways().files}
    return printing.draw(job, wanted, page, **options)
