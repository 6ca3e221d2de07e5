"""Tickets, in and out.  Fields are written out one by one: a new column never becomes API by accident."""

from marshmallow import ValidationError, fields, validate, validates_schema

from app.schemas.base import BaseSchema, PageQuery, query_id, row_id, tokens, words
from app.schemas.personal import CalledName, ClearName, ClearPhone, MaskedName, MaskedPhone
from app.schemas.ticket_moves import LONGEST, claimed_time
from models import (
    CallbackWhy,
    HoldEnd,
    PauseReason,
    PhotoPhase,
    PlaceKind,
    ResponsibleParty,
    Satisfaction,
    TicketClock,
    TicketSource,
    TicketState,
    Urgency,
)
from services.tickets.contact import Purpose
from services.tickets.filing import PHOTOS_MOST
from services.tickets.recording import SOURCES

MILLIONTHS = 1_000_000


class ReportBody(BaseSchema):
    """A report.  Exactly one of home, building and neighborhood says where."""

    category = words(32)
    text = fields.String(required=True, validate=validate.Length(max=LONGEST, error="写得太长了，最多1000个字。"))
    home_id = row_id(required=False)
    building_id = row_id(required=False)
    neighborhood_id = row_id(required=False)
    place_note = words(60, required=False)
    latitude = fields.Float(validate=validate.Range(-90, 90, error="地图位置不对，请重新选。"))
    longitude = fields.Float(validate=validate.Range(-180, 180, error="地图位置不对，请重新选。"))
    photos = tokens(PHOTOS_MOST)
    claimed_at = claimed_time()

    @validates_schema
    def check_map_point(self, data: dict[str, object], **_options: object) -> None:
        """A map point is both numbers or none."""
        if ("latitude" in data) != ("longitude" in data):
            raise ValidationError("地图位置不完整，请重新选。", "latitude")


class RecordBody(ReportBody):
    """A report that came by phone, on paper or at the door."""

    source = fields.Enum(
        TicketSource,
        by_value=True,
        load_default=TicketSource.PHONE,
        validate=validate.OneOf(SOURCES, error="请选电话、纸条或上门。"),
    )
    person_id = row_id(required=False)
    caller_name = words(20, required=False)
    caller_phone = words(24, required=False)


class FiledOut(BaseSchema):
    """A ticket just filed."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    urgency = fields.Enum(Urgency, by_value=True, required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    answer_due_at = fields.AwareDateTime(required=True)
    arrive_due_at = fields.AwareDateTime(required=True)
    done_due_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class SummaryOut(BaseSchema):
    """A line of a list."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    state_name = fields.String(required=True)
    next_step = fields.String(required=True)
    urgency = fields.Enum(Urgency, by_value=True, required=True)
    category = fields.String(required=True)
    place = fields.Enum(PlaceKind, by_value=True, required=True)
    place_label = fields.String(required=True)
    place_note = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    state_since = fields.AwareDateTime(required=True)
    next_due_at = fields.AwareDateTime(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)
    assignee_id = fields.Integer(required=True, allow_none=True)
    assignee = CalledName(required=True, allow_none=True)
    version = fields.Integer(required=True)


class SummaryPage(BaseSchema):
    """A page of tickets."""

    items = fields.List(fields.Nested(SummaryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PhotoRef(BaseSchema):
    """A photo of an event."""

    id = fields.String(required=True)
    phase = fields.Enum(PhotoPhase, by_value=True, required=True)
    url = fields.String(required=True, metadata={"description": "Opens without a header; ends by itself."})


class EventOut(BaseSchema):
    """One line of the timeline."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    action = fields.String(required=True)
    action_name = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True)
    by = CalledName(
        required=True,
        allow_none=True,
        metadata={"description": "Public name of a worker; for what was done by proxy, both: 李*（女儿）代王*兰."},
    )
    by_proxy = fields.Boolean(required=True, metadata={"description": "Whether somebody acted for the person."})
    from_state = fields.Enum(TicketState, by_value=True, required=True, allow_none=True)
    to_state = fields.Enum(TicketState, by_value=True, required=True)
    note = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)
    photos = fields.List(fields.Nested(PhotoRef), required=True)


class TicketOut(SummaryOut):
    """A ticket with its history."""

    category_code = fields.String(required=True)
    neighborhood_id = fields.Integer(required=True)
    building_id = fields.Integer(required=True, allow_none=True)
    home_id = fields.Integer(required=True, allow_none=True)
    latitude = fields.Integer(required=True, allow_none=True, metadata={"description": "Millionths of a degree."})
    longitude = fields.Integer(required=True, allow_none=True)
    source = fields.Enum(TicketSource, by_value=True, required=True)
    reporter_name = MaskedName(required=True, allow_none=True)
    reporter_phone = MaskedPhone(required=True, allow_none=True)
    mine = fields.Boolean(required=True)
    pause_reason = fields.Enum(PauseReason, by_value=True, required=True, allow_none=True)
    reopen_count = fields.Integer(required=True)
    return_count = fields.Integer(required=True, metadata={"description": "How often workers gave it back."})
    transfer_to_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The colleague who is asked to take it over."}
    )
    responsible_party = fields.Enum(ResponsibleParty, by_value=True, required=True, allow_none=True)
    amount_due_fen = fields.Integer(required=True, metadata={"description": "What was agreed to, in fen; 0: nothing."})
    open_quote_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The quote that waits for the resident's word."}
    )
    answer_due_at = fields.AwareDateTime(required=True)
    arrive_due_at = fields.AwareDateTime(required=True)
    safe_due_at = fields.AwareDateTime(required=True, allow_none=True)
    done_due_at = fields.AwareDateTime(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    arrived_at = fields.AwareDateTime(required=True, allow_none=True)
    safe_at = fields.AwareDateTime(required=True, allow_none=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True, allow_none=True)
    rating_words = fields.String(required=True, allow_none=True)
    actions = fields.List(
        fields.String(), required=True, metadata={"description": "What I may do now, the most helpful first."}
    )
    timeline = fields.List(fields.Nested(EventOut), required=True)


class PanelOut(BaseSchema):
    """Some tickets of the day: how many, and those whose clocks run out first."""

    total = fields.Integer(required=True)
    items = fields.List(fields.Nested(SummaryOut), required=True)


class WaitingOut(BaseSchema):
    """On whom tickets wait; opens with `state` and `pause_reason` in the station's list."""

    state = fields.Enum(TicketState, by_value=True, required=True)
    state_name = fields.String(required=True)
    pause_reason = fields.Enum(PauseReason, by_value=True, required=True, allow_none=True)
    on_whom = fields.String(required=True)
    count = fields.Integer(required=True)


class InHandOut(BaseSchema):
    """A worker's tickets; opens with `assignee_id` and `in_hand=true`."""

    worker_id = fields.Integer(required=True)
    worker = CalledName(required=True, allow_none=True)
    in_hand = fields.Integer(required=True)
    late = fields.Integer(required=True)


class CallsDueOut(BaseSchema):
    """Calls to be made to ask how it was; opens with `/call-backs`."""

    total = fields.Integer(required=True)
    late = fields.Integer(required=True)


class BoardOut(BaseSchema):
    """The station's day.  In the list: `state=submitted`, `soon=true`, `overdue=true`."""

    new = fields.Nested(PanelOut, required=True)
    soon = fields.Nested(PanelOut, required=True)
    late = fields.Nested(PanelOut, required=True)
    waiting = fields.List(fields.Nested(WaitingOut), required=True)
    workers = fields.List(fields.Nested(InHandOut), required=True)
    call_backs = fields.Nested(CallsDueOut, required=True)


class StationQuery(PageQuery):
    """What narrows the station's list."""

    state = fields.Enum(TicketState, by_value=True, load_default=None)
    urgency = fields.Enum(Urgency, by_value=True, load_default=None)
    overdue = fields.Boolean(load_default=False)
    soon = fields.Boolean(load_default=False, metadata={"description": "A clock runs out within four hours."})
    pause_reason = fields.Enum(PauseReason, by_value=True, load_default=None)
    in_hand = fields.Boolean(load_default=False, metadata={"description": "Only what somebody works on."})
    assignee_id = query_id()
    text = words(40, required=False)
    settled = fields.Boolean(load_default=False)


class CallBackOut(BaseSchema):
    """A call to be made."""

    ticket_id = fields.Integer(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    why = fields.Enum(CallbackWhy, by_value=True, required=True)
    wanted_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    worker = CalledName(required=True, allow_none=True, metadata={"description": "Who did the work and does not call."})


class CallBacksOut(BaseSchema):
    """Calls to be made, the oldest first."""

    items = fields.List(fields.Nested(CallBackOut), required=True)


class MissOut(BaseSchema):
    """A clock that was missed."""

    id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    round = fields.Integer(required=True, metadata={"description": "0 for the first repair."})
    clock = fields.Enum(TicketClock, by_value=True, required=True)
    due_at = fields.AwareDateTime(required=True)
    noticed_at = fields.AwareDateTime(required=True)
    whose = CalledName(required=True, allow_none=True, metadata={"description": "Empty: the station's."})


class MissPage(BaseSchema):
    """A page of missed clocks."""

    items = fields.List(fields.Nested(MissOut), required=True)
    next = fields.String(required=True, allow_none=True)


class HoldOut(BaseSchema):
    """A time in which work stood still."""

    id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    round = fields.Integer(required=True)
    reason = fields.Enum(PauseReason, by_value=True, required=True)
    began_at = fields.AwareDateTime(required=True)
    until_at = fields.AwareDateTime(required=True, metadata={"description": "When the days of its reason are used up."})
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_how = fields.Enum(HoldEnd, by_value=True, required=True, allow_none=True)
    held_by = CalledName(required=True, allow_none=True)


class HoldPage(BaseSchema):
    """A page of holds."""

    items = fields.List(fields.Nested(HoldOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ContactBody(BaseSchema):
    """Why one needs to call."""

    purpose = fields.Enum(Purpose, by_value=True, required=True)


class ContactOut(BaseSchema):
    """Whom to call."""

    name = ClearName(required=True)
    phone = ClearPhone(required=True)


class CategoryOut(BaseSchema):
    """A kind of trouble."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    examples = fields.String(required=True)
    default_urgency = fields.Enum(Urgency, by_value=True, required=True)
    wants_photo = fields.Boolean(required=True)


class CategoriesOut(BaseSchema):
    """All kinds of trouble that can be chosen."""

    items = fields.List(fields.Nested(CategoryOut), required=True)


class SignedQuery(BaseSchema):
    """What makes a link to a photo good."""

    expires = fields.Integer(required=True)
    signature = words(64)


class PhotoOut(BaseSchema):
    """A photo just uploaded; use its id when filing or moving a ticket."""

    id = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
