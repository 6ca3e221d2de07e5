"""Indices of tickets, and the list behind each number."""

from dataclasses import asdict
from typing import Any

from app import identity
from app.api.answers import now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.indices import BehindQuery, CountedTicketPage, IndicesOut, IndicesQuery
from services.indices import publishing, rates
from services.indices.counting import Row
from services.indices.parts import NAMES
from services.indices.publishing import Asked
from services.indices.rates import Rate, Weights
from services.permissions import Permission
from services.reading.pages import Page

blp = ApiBlueprint("indices", __name__, url_prefix="/api/v1", description="Indices of tickets")


@blp.get("/units/<id:unit_id>/indices")
@allow(Permission.TICKET_LIST)
@blp.arguments(IndicesQuery, location="query")
@blp.response(200, IndicesOut)
def published(query: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """How many were answered in time, mended by the resident's own word, and how content people are."""
    asked = _asked(query, unit_id)
    found = publishing.indices(db.session(), actor=identity.actor(), asked=asked, by=query["by"])
    first, last = asked.period.months[0], asked.period.months[-1]
    return {
        "unit_id": found.unit.id,
        "unit_name": found.unit.name,
        "first_month": f"{first[0]}-{first[1]:02}",
        "last_month": f"{last[0]}-{last[1]:02}",
        "weights": asdict(found.weights),
        "parts": [{"part": part, "label": label} for part, label in NAMES.items()],
        "whole": _row(found.whole, found.weights),
        "rows": [_row(row, found.weights) for row in found.rows],
    }


@blp.get("/units/<id:unit_id>/indices/tickets")
@allow(Permission.TICKET_LIST)
@blp.arguments(BehindQuery, location="query")
@blp.response(200, CountedTicketPage)
def behind(query: dict[str, Any], unit_id: int) -> Page:
    """The tickets that a number counts, newest first."""
    return publishing.behind(
        db.session(),
        actor=identity.actor(),
        asked=_asked(query, unit_id),
        part=query["part"],
        page=page_request(query),
        worker_id=query.get("worker_id"),
        own=query["own"],
    )


def _asked(query: dict[str, Any], unit_id: int) -> Asked:
    period = publishing.period(query["month"], query["months"], now=now())
    return Asked(unit_id, period, query.get("category_id"))


def _row(row: Row, weights: Weights) -> dict[str, Any]:
    found = row.rates
    return {
        "key": row.key,
        "label": row.name,
        "counts": {part.value: count for part, count in row.counts.items()},
        "response": _rate(found.response),
        "resolution": _rate(found.resolution),
        "satisfaction": _rate(found.satisfaction),
        "returns": _rate(found.return_rate),
        "score": rates.said(found.score(weights)),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"percent": rates.said(rate.percent), "of": rate.of}
