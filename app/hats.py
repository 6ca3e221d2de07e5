"""How a hat is shown, in the API and at the console."""

from typing import Any

from services.actors import Hat
from services.permissions import ROLE_NAMES


def described(hat: Hat) -> dict[str, Any]:
    """Return a hat field by field, as ``HatOut`` documents it."""
    return {
        "membership_id": hat.membership_id,
        "role": hat.role,
        "role_name": ROLE_NAMES[hat.role],
        "case_key_id": hat.case.key_id if hat.case else None,
        "ticket_id": hat.case.subject_id if hat.case and hat.case.subject_kind == "ticket" else None,
        "title": hat.title or ROLE_NAMES[hat.role],
        "unit_name": hat.unit_name or None,
        "unit_id": hat.unit_id,
        "neighborhood_id": hat.neighborhood_id,
    }
