"""The states of a request, as a table: who may do what to it in which state."""

import enum
from dataclasses import dataclass

from models import Evidence, RequestState, ResidencyKind
from services.permissions import Permission

S, K, E, P = RequestState, ResidencyKind, Evidence, Permission


class Step(enum.StrEnum):
    """What can be done to a request.  The names stand in its history for ever."""

    ASK = "asked"
    RESUBMIT = "resubmitted"
    VOUCH = "vouched"
    CONFIRM = "confirmed"
    DECLINE = "declined"
    REFER = "referred"
    APPROVE = "approved"
    RETURN = "returned"
    WITHDRAW = "withdrawn"


class Whose(enum.StrEnum):
    """Whose step it is, beyond having the permission."""

    APPLICANT = "applicant"
    NEIGHBOR = "neighbor"
    OWNER = "owner"
    STATION = "station"
    CLOCK = "clock"


ROUTED = None
"""Where it goes next depends on the request: ``services.residencies.routing``."""


@dataclass(frozen=True)
class Move:
    """One row of the table."""

    verb: str
    sources: frozenset[RequestState]
    target: RequestState | None
    whose: Whose
    permission: Permission | None
    """Empty for what only the clock does."""


MOVES: dict[Step, Move] = {
    Step.RESUBMIT: Move("再交", frozenset({S.RETURNED}), ROUTED, Whose.APPLICANT, P.RESIDENCY_ASK),
    Step.WITHDRAW: Move(
        "撤回",
        frozenset({S.WAITING_VOUCHERS, S.WAITING_OWNER, S.SUBMITTED, S.RETURNED}),
        S.WITHDRAWN,
        Whose.APPLICANT,
        P.RESIDENCY_ASK,
    ),
    Step.VOUCH: Move("担保", frozenset({S.WAITING_VOUCHERS}), ROUTED, Whose.NEIGHBOR, P.RESIDENCY_VOUCH),
    Step.CONFIRM: Move("确认", frozenset({S.WAITING_OWNER}), S.APPROVED, Whose.OWNER, P.RESIDENCY_CONFIRM),
    Step.DECLINE: Move("否认", frozenset({S.WAITING_OWNER}), S.RETURNED, Whose.OWNER, P.RESIDENCY_CONFIRM),
    Step.REFER: Move("转给服务站", frozenset({S.WAITING_OWNER}), S.SUBMITTED, Whose.CLOCK, None),
    Step.APPROVE: Move(
        "通过", frozenset({S.SUBMITTED, S.WAITING_OWNER}), S.APPROVED, Whose.STATION, P.RESIDENCY_REVIEW
    ),
    Step.RETURN: Move(
        "退回",
        frozenset({S.SUBMITTED, S.WAITING_OWNER, S.WAITING_VOUCHERS}),
        S.RETURNED,
        Whose.STATION,
        P.RESIDENCY_REVIEW,
    ),
}

EVIDENCE_FOR: dict[ResidencyKind, tuple[Evidence, ...]] = {
    K.OWNER: (E.DEED, E.RESETTLEMENT, E.VOUCHING),
    K.CO_OWNER: (E.DEED, E.RESETTLEMENT, E.VOUCHING),
    K.FAMILY: (E.OWNER_WORD, E.HOUSEHOLD_BOOK, E.VOUCHING),
    K.TENANT: (E.LEASE, E.OWNER_WORD),
    K.OCCUPANT: (E.OWNER_WORD, E.RESETTLEMENT, E.VOUCHING),
    K.AGENT: (E.MANDATE,),
}
"""What a request for each kind can rest on."""
PAPERS = frozenset({E.DEED, E.RESETTLEMENT, E.LEASE, E.MANDATE, E.HOUSEHOLD_BOOK})
"""Evidence that is shown: by a photo, or by its number."""
