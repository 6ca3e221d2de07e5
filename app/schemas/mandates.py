"""Mandates: giving, recording, acting, and the read-back."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import CalledName, ClearName, ClearPhone, MaskedPhone
from models import (
    ActingArea,
    AgentRelation,
    MandateConsent,
    MandateSide,
    MandateState,
    ReadBackAnswer,
    ReadBackMeans,
)

PLAIN_AREAS = tuple(area for area in ActingArea if area is not ActingArea.VOTES)
SIDES = (MandateSide.PRINCIPAL, MandateSide.AGENT, MandateSide.STATION)
MINE = (MandateSide.PRINCIPAL, MandateSide.AGENT)


class TermsBody(BaseSchema):
    """What is agreed.  Voting has a tick of its own: it is never among the others."""

    relation = fields.Enum(AgentRelation, by_value=True, required=True)
    areas = fields.List(
        fields.Enum(
            ActingArea, by_value=True, validate=validate.OneOf(PLAIN_AREAS, error="代投票要单独勾选，不能放在这里。")
        ),
        load_default=list,
        validate=validate.Length(max=len(PLAIN_AREAS), error="事项重复了，请检查。"),
    )
    votes = fields.Boolean(load_default=False, metadata={"description": "Ticked by itself: also to vote."})
    until = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The last day; empty: the usual time."},
        error_messages={"invalid": "请写日期，比如2027-11-24。"},
    )


class OfferMandateBody(TermsBody):
    """A mandate from one's own phone: for somebody from the list, or by code."""

    agent_id = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1))
    neighborhood_id = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1))


class PartyBody(BaseSchema):
    """Somebody known, or somebody with a name and a phone."""

    person_id = row_id(required=False)
    name = words(20, required=False)
    phone = words(24, required=False)


class RecordMandateBody(TermsBody):
    """A consent that was spoken or signed on paper."""

    principal_id = row_id()
    agent = fields.Nested(PartyBody, required=True)
    consent = fields.Enum(MandateConsent, by_value=True, required=True)
    text_id = row_id()
    consented_at = fields.AwareDateTime(required=True, error_messages={"invalid": "请写本人同意的时间。"})
    witness = fields.Nested(PartyBody, load_default=None, allow_none=True)
    photo = words(64, required=False)


class MandateCodeBody(BaseSchema):
    """The code that the principal read out."""

    code = words(20)


class EndMandateBody(BaseSchema):
    """For the station: who asked to end it."""

    asked_by = fields.Enum(
        MandateSide,
        by_value=True,
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(SIDES, error="请选委托人、代办人或者服务站。"),
    )


class ActingBody(BaseSchema):
    """By which mandate to act; null is to be oneself again."""

    mandate_id = fields.Integer(required=True, allow_none=True, strict=True)


class ActingOut(BaseSchema):
    """For whom the holder of this token acts."""

    mandate_id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True)
    principal = CalledName(required=True)
    relation = fields.Enum(AgentRelation, by_value=True, required=True)
    relation_name = fields.String(required=True)
    areas = fields.List(fields.Enum(ActingArea, by_value=True), required=True)
    area_names = fields.List(fields.String(), required=True)
    ends_at = fields.AwareDateTime(required=True)


class MandateOut(BaseSchema):
    """A line of a list."""

    id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True)
    principal_id = fields.Integer(required=True)
    principal = CalledName(required=True, allow_none=True)
    agent_id = fields.Integer(required=True, allow_none=True)
    agent = CalledName(required=True, allow_none=True)
    relation = fields.Enum(AgentRelation, by_value=True, required=True)
    relation_name = fields.String(required=True)
    consent = fields.Enum(MandateConsent, by_value=True, required=True)
    consent_name = fields.String(required=True)
    consented_at = fields.AwareDateTime(required=True)
    areas = fields.List(fields.Enum(ActingArea, by_value=True), required=True)
    area_names = fields.List(fields.String(), required=True)
    state = fields.Enum(MandateState, by_value=True, required=True)
    state_name = fields.String(required=True)
    counts = fields.Boolean(required=True, metadata={"description": "Whether one can act by it now."})
    offered_until = fields.AwareDateTime(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    last_day = fields.Date(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_side = fields.Enum(MandateSide, by_value=True, required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True, metadata={"description": "What I may do: act, accept, …"})


class MandatePage(BaseSchema):
    """A page of mandates."""

    items = fields.List(fields.Nested(MandateOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ActDoneOut(BaseSchema):
    """One thing that was done."""

    at = fields.AwareDateTime(required=True)
    words = fields.String(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)


class MandateDetailOut(MandateOut):
    """A mandate with its evidence, and what was done by it in this month and the one before."""

    words = fields.String(required=True, metadata={"description": "What the principal said yes to."})
    recorded_by = CalledName(required=True, allow_none=True)
    witness = CalledName(required=True, allow_none=True)
    has_paper = fields.Boolean(required=True, metadata={"description": "A photo of the signed paper is kept."})
    acts = fields.List(fields.Nested(ActDoneOut), required=True)


class MadeMandateOut(BaseSchema):
    """A mandate just made; a code is shown this once."""

    id = fields.Integer(required=True)
    state = fields.Enum(MandateState, by_value=True, required=True)
    code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Offered: what the agent enters.  Recorded: what binds a new agent's phone."},
    )
    ends_at = fields.AwareDateTime(required=True)


class MovedMandateOut(BaseSchema):
    """Where a mandate stands now."""

    id = fields.Integer(required=True)
    state = fields.Enum(MandateState, by_value=True, required=True)


class AgentChoiceOut(BaseSchema):
    """Somebody who can be chosen."""

    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    what = fields.String(required=True)


class NamedChoiceOut(BaseSchema):
    """A value and what it is called."""

    value = fields.String(required=True)
    name = fields.String(required=True)


class MandateTextOut(BaseSchema):
    """Words to say yes to."""

    id = fields.Integer(required=True)
    consent = fields.Enum(MandateConsent, by_value=True, required=True)
    version = fields.Integer(required=True)
    words = fields.String(required=True)


class MandateChoicesOut(BaseSchema):
    """What a form for a mandate needs."""

    people = fields.List(fields.Nested(AgentChoiceOut), required=True)
    relations = fields.List(fields.Nested(NamedChoiceOut), required=True)
    areas = fields.List(fields.Nested(NamedChoiceOut), required=True)
    texts = fields.List(fields.Nested(MandateTextOut), required=True)


class MyMandatesQuery(PageQuery):
    """Which side of mandates."""

    side = fields.Enum(
        MandateSide,
        by_value=True,
        load_default=MandateSide.AGENT,
        validate=validate.OneOf(MINE, error="请选委托人或者代办人。"),
    )


class StationMandatesQuery(PageQuery):
    """What narrows the station's list."""

    alive = fields.Boolean(load_default=True)


class CallsQuery(PageQuery):
    """What narrows the call list."""

    waiting = fields.Boolean(load_default=True)


class ReadBackOut(BaseSchema):
    """A line of the call list, or of what one was told."""

    id = fields.Integer(required=True)
    mandate_id = fields.Integer(required=True)
    month = fields.String(required=True)
    month_name = fields.String(required=True)
    means = fields.Enum(ReadBackMeans, by_value=True, required=True)
    acts = fields.Integer(required=True)
    principal = CalledName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    agent = CalledName(required=True, allow_none=True)
    relation = fields.Enum(AgentRelation, by_value=True, required=True)
    relation_name = fields.String(required=True)
    tries = fields.Integer(required=True)
    last_tried_at = fields.AwareDateTime(required=True, allow_none=True)
    answer = fields.Enum(ReadBackAnswer, by_value=True, required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    actions = fields.List(fields.String(), required=True)


class ReadBackPage(BaseSchema):
    """A page of read-backs."""

    items = fields.List(fields.Nested(ReadBackOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ReadBackDetailOut(ReadBackOut):
    """Everything that was done, to be read out."""

    lines = fields.List(fields.String(), required=True)
    words = fields.String(required=True, allow_none=True, metadata={"description": "What the principal said."})


class WhomToCallOut(BaseSchema):
    """Whom to call; that somebody looked is on record."""

    name = ClearName(required=True)
    phone = ClearPhone(required=True, allow_none=True)


class ReadBackAnswerBody(BaseSchema):
    """What the principal says to it; a question needs words."""

    answer = fields.Enum(ReadBackAnswer, by_value=True, required=True, attribute="said")
    words = words(200, required=False)
