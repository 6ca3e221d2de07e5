"""The codes of a neighborhood for who looks after them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CodeWay, OrgUnit, ScanCode, Spot, WayKind
from services import access
from services.actors import Actor
from services.codes.places import KIND_NAMES, places
from services.codes.tokens import printed
from services.reading.pages import Page, PageRequest, fetch

ORDER = ScanCode.id + 0


def listed(
    session: Session, *, actor: Actor | None, neighborhood_id: int, page: PageRequest, ended: bool = False
) -> Page:
    """Return the codes of places below the actor's node, newest first; ``ended`` those that count no more."""
    query = (
        sa.select(ScanCode.id)
        .join(OrgUnit, OrgUnit.id == ScanCode.unit_id)
        .where(
            ScanCode.neighborhood_id == neighborhood_id,
            ScanCode.ticket_id.is_(None),
            ScanCode.revoked_at.is_not(None) if ended else ScanCode.revoked_at.is_(None),
        )
    )
    if actor is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
        query = query.where(OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True))
    found = fetch(session.connection(), query, ORDER, page)
    return Page(described(session, [row["id"] for row in found.items]), found.next)


def described(session: Session, code_ids: list[int]) -> list[dict[str, Any]]:
    """Return codes as lists show them, in the order given."""
    codes = {code.id: code for code in session.scalars(sa.select(ScanCode).where(ScanCode.id.in_(code_ids)))}
    what = places(session, codes.values())
    pictured = set(
        session.scalars(
            sa.select(CodeWay.code_id).where(
                CodeWay.code_id.in_(code_ids), CodeWay.kind == WayKind.IMAGE, CodeWay.value.is_not(None)
            )
        )
    )
    return [
        {
            "id": code.id,
            "number": printed(code.number) if code.number else None,
            "kind": what[code.id].kind,
            "kind_name": KIND_NAMES[what[code.id].kind],
            "label": what[code.id].label,
            "spot_id": code.spot_id,
            "made_at": code.made_at,
            "revoked_at": code.revoked_at,
            "revoked_why": code.revoked_why,
            "has_picture": code.id in pictured,
        }
        for code in (codes[code_id] for code_id in code_ids)
    ]


def to_print(session: Session, *, actor: Actor | None, neighborhood_id: int, kinds: frozenset[str]) -> list[ScanCode]:
    """Return the codes of some kinds of places that count, in the order in which they were made."""
    if actor is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
    query = (
        sa.select(ScanCode)
        .join(OrgUnit, OrgUnit.id == ScanCode.unit_id)
        .outerjoin(Spot, Spot.id == ScanCode.spot_id)
        .where(
            ScanCode.neighborhood_id == neighborhood_id,
            ScanCode.ticket_id.is_(None),
            ScanCode.revoked_at.is_(None),
            sa.func.coalesce(sa.cast(Spot.kind, sa.String), sa.cast(OrgUnit.kind, sa.String)).in_(kinds),
        )
        .order_by(ScanCode.number, ScanCode.id)
    )
    if actor is not None:
        query = query.where(OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True))
    return list(session.scalars(query))
