"""What a ticket can be: its states, urgencies, places, sources, reasons and words."""

import enum


class TicketState(enum.StrEnum):
    """Where a ticket stands.  The moves between states are ``services.tickets.moves.MOVES``."""

    SUBMITTED = "submitted"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    DONE_BY_WORKER = "done_by_worker"
    CONFIRMED = "confirmed"
    AUTO_CONFIRMED = "auto_confirmed"
    REOPENED = "reopened"
    RATED = "rated"
    CLOSED = "closed"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"


SETTLED_STATES = frozenset({TicketState.CLOSED, TicketState.REJECTED, TicketState.REDIRECTED, TicketState.CANCELLED})
"""Nothing more happens to a ticket in one of these."""


POOL_STATES = frozenset({TicketState.TRIAGED, TicketState.REOPENED})
"""The station has read it and nobody works on it: any worker of the neighborhood may take it."""
IN_HAND_STATES = frozenset(
    {
        TicketState.ASSIGNED,
        TicketState.ACCEPTED,
        TicketState.ON_SITE,
        TicketState.IN_PROGRESS,
        TicketState.PAUSED,
    }
)
"""A worker has it in hand; so many count against the load cap."""


class Urgency(enum.StrEnum):
    """How fast it has to go: P1 急修, P2 紧急, P3 一般, P4 计划."""

    P1 = "p1"
    P2 = "p2"
    P3 = "p3"
    P4 = "p4"


class PlaceKind(enum.StrEnum):
    """Inside a home, or a part that neighbors share."""

    HOME = "home"
    COMMON = "common"


class TicketSource(enum.StrEnum):
    """How the report came in.  All are the same ticket with the same clocks."""

    APP = "app"
    PHONE = "phone"
    PAPER = "paper"
    VISIT = "visit"


class PauseReason(enum.StrEnum):
    """Why work stands still; residents read it."""

    WAITING_RESIDENT = "waiting_resident"
    WEATHER = "weather"
    PARTS = "parts"
    VOTE = "vote"
    OTHER_BODY = "other_body"


class Satisfaction(enum.StrEnum):
    """The resident's word on the work, in the four steps of the satisfaction rate."""

    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    FAIR = "fair"
    UNSATISFIED = "unsatisfied"


class PhotoPhase(enum.StrEnum):
    """What a photo shows."""

    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"
    SURVEY = "survey"
    """What was found at the survey."""
    RECEIPT = "receipt"
    """The paper for what was bought."""


class TicketClock(enum.StrEnum):
    """The four clocks of a ticket."""

    ANSWER = "answer"
    ARRIVE = "arrive"
    SAFE = "safe"
    DONE = "done"


class HoldEnd(enum.StrEnum):
    """How work went on after it stood still."""

    WORKER = "worker"
    CLOCK = "clock"
    """The days for the reason were used up."""


class CallbackWhy(enum.StrEnum):
    """Why somebody of the station calls to ask how it was."""

    RANDOM = "random"
    """One in twenty of those that were confirmed, by the resident or by silence."""
    UNHAPPY = "unhappy"


class CallbackResult(enum.StrEnum):
    """What the station heard.  It is the station's record, never the resident's word."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    UNREACHABLE = "unreachable"


class TruthKind(enum.StrEnum):
    """What is held to be true of a ticket, each said by somebody else, none standing for another.

    ``DONE`` is the worker's word; ``FIXED``, ``NOT_FIXED`` and ``RATED`` are the resident's; ``SILENCE`` says that seven
    days passed without one; ``CAME_BACK`` says that the same trouble was reported at the same point within 90 days.
    """

    DONE = "done"
    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    RATED = "rated"
    SILENCE = "silence"
    CAME_BACK = "came_back"


RESIDENTS_WORDS = frozenset({TruthKind.FIXED, TruthKind.NOT_FIXED, TruthKind.RATED})
"""Only the person who reported says these, or somebody with a mandate from them."""


class AssignedHow(enum.StrEnum):
    """How a worker came by a ticket."""

    ASSIGNED = "assigned"
    ROTATED = "rotated"
    GRABBED = "grabbed"
    HELPER = "helper"
    """Offered to help, and the station said yes."""
    TAKEN_OVER = "taken_over"
    """From another worker."""


class HelpAnswer(enum.StrEnum):
    """What the station said to an offer of help."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class ReturnReason(enum.StrEnum):
    """Why a worker gives a ticket back to the station."""

    OTHER_SKILL = "other_skill"
    TOO_MANY = "too_many"
    NOBODY_HOME = "nobody_home"
    NOT_OURS = "not_ours"
    NEEDS_EXPERT = "needs_expert"
    OTHER = "other"


class TransferReason(enum.StrEnum):
    """Why a worker would rather have a colleague do it."""

    OTHER_SKILL = "other_skill"
    TOO_MANY = "too_many"
    SHIFT_ENDS = "shift_ends"
    UNWELL = "unwell"
    OTHER = "other"


class QuoteWord(enum.StrEnum):
    """What the resident says to a quote."""

    AGREED = "agreed"
    DECLINED = "declined"


class ResponsibleParty(enum.StrEnum):
    """Who has to mend and pay for something."""

    OWNER = "owner"
    SHARED = "shared"
    """All who share the part."""
    UTILITY = "utility"
    MUNICIPAL = "municipal"
    WARRANTY = "warranty"
    AT_FAULT = "at_fault"
    """Whoever did the damage."""
