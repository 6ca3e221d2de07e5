"""Moves of tickets: what each takes, and where the ticket stands then."""

from marshmallow import ValidationError, fields, validate, validates_schema

from app.schemas.base import BaseSchema, row_id, tokens, words
from models import CallbackResult, PauseReason, Satisfaction, TicketState, Urgency
from services.tickets.filing import PHOTOS_MOST

LONGEST = 20_000  # far above what is accepted: the sentence about length is the service's


def claimed_time() -> fields.AwareDateTime:
    """When the phone says that it happened, for what is sent late; shown as claimed, and never believed by a clock."""
    return fields.AwareDateTime(
        metadata={"description": "When it happened by the phone's clock, if it is sent late. Shown as claimed."},
    )


class MovedOut(BaseSchema):
    """Where a ticket stands after a move."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    urgency = fields.Enum(Urgency, by_value=True, required=True)
    next_due_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class NothingBody(BaseSchema):
    """A move that needs no words."""


class NoteBody(BaseSchema):
    """A move that may have a note."""

    note = words(500, required=False)


class ReasonBody(BaseSchema):
    """A move that needs a reason, which the resident reads."""

    note = words(500)


class TriageBody(NoteBody):
    """What the station found on reading the report."""

    urgency = fields.Enum(Urgency, by_value=True)
    category = words(32, required=False)


class AssignBody(NoteBody):
    """Whom to send."""

    assignee_id = row_id()


class RedirectBody(NoteBody):
    """Where it goes, and the number the other side gave."""

    to = words(40)
    reference = words(40, required=False)


class ArrivedBody(BaseSchema):
    """A step of the work that needs no words."""

    claimed_at = claimed_time()


class PhotosBody(NoteBody):
    """A step of the work with its photos."""

    photos = tokens(PHOTOS_MOST)
    claimed_at = claimed_time()


class PauseBody(NoteBody):
    """Why work stands still."""

    reason = fields.Enum(PauseReason, by_value=True, required=True)


class RateBody(BaseSchema):
    """How it was."""

    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True)
    words = words(500, required=False)


class FixedBody(BaseSchema):
    """It is fixed; and, if one likes, how it was."""

    satisfaction = fields.Enum(Satisfaction, by_value=True)
    words = words(500, required=False)

    @validates_schema
    def check_words(self, data: dict[str, object], **_options: object) -> None:
        """Words go with a satisfaction."""
        if "words" in data and "satisfaction" not in data:
            raise ValidationError("请先选满意不满意，再写几句。", "satisfaction")


class CallBackBody(BaseSchema):
    """What was heard on the phone."""

    result = fields.Enum(CallbackResult, by_value=True, required=True)
    satisfaction = fields.Enum(Satisfaction, by_value=True)
    words = words(500, required=False)


class TextBody(BaseSchema):
    """Some words; the service says how many."""

    text = fields.String(required=True, validate=validate.Length(max=LONGEST, error="写得太长了，最多1000个字。"))
