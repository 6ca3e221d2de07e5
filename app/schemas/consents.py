"""Consents: what is asked, and what was answered."""

from marshmallow import fields

from app.schemas.base import BaseSchema, row_id, words
from app.schemas.personal import MaskedName
from models import ConsentAnswer, ToldHow


class ConsentTextOut(BaseSchema):
    """A text as it is shown now."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    can_decline = fields.Boolean(required=True, metadata={"description": "No: it only informs."})
    is_sensitive = fields.Boolean(required=True)
    asked_at_start = fields.Boolean(required=True)
    text_id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    effect = fields.String(required=True, metadata={"description": "Why it is needed, and what a no changes."})
    changed = fields.String(required=True, allow_none=True, metadata={"description": "Against the version before."})
    since = fields.AwareDateTime(required=True)


class ConsentOut(ConsentTextOut):
    """A text with what the person said to it."""

    answer = fields.Enum(ConsentAnswer, by_value=True, required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    how = fields.Enum(ToldHow, by_value=True, required=True, allow_none=True)
    answered_version = fields.Integer(required=True, allow_none=True)
    consent_id = fields.Integer(required=True, allow_none=True)
    has_paper = fields.Boolean(required=True, metadata={"description": "A photo of the signed paper is kept."})
    ask = fields.Boolean(required=True, metadata={"description": "Not answered yet, or to a text that has changed."})


class NoticeOut(BaseSchema):
    """All texts in force, for everybody."""

    items = fields.List(fields.Nested(ConsentTextOut), required=True)


class ConsentsOut(BaseSchema):
    """All kinds with a person's answers."""

    items = fields.List(fields.Nested(ConsentOut), required=True)


class ConsentBody(BaseSchema):
    """A yes or no to the text that was shown."""

    text_id = row_id()
    given = fields.Boolean(required=True)


class RecordedConsentBody(ConsentBody):
    """The same, written down for somebody: on paper, or spoken before a witness."""

    how = fields.Enum(ToldHow, by_value=True, required=True)
    witness_id = row_id(required=False)
    photo = words(64, required=False)
    paper_place = words(64, required=False)


class WithdrawConsentBody(BaseSchema):
    """Which consent is taken back."""

    kind = words(32)


class ConsentIdOut(BaseSchema):
    """An answer that was written down."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, attribute="kind_code")
    answer = fields.Enum(ConsentAnswer, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class PaperOut(BaseSchema):
    """Where the photo of a signed paper can be seen for a few minutes."""

    photo = fields.String(required=True)


class ChildBody(BaseSchema):
    """A child of one's own household, with the consent to keep its data."""

    home_id = row_id()
    name = words(20)
    born = fields.Date(required=True)
    text_id = row_id()


class RecordedChildBody(ChildBody):
    """The same, written down for a guardian without a phone."""

    how = fields.Enum(ToldHow, by_value=True, required=True)
    witness_id = row_id(required=False)
    photo = words(64, required=False)
    paper_place = words(64, required=False)


class DeclareChildBody(BaseSchema):
    """Somebody of the household who is a child."""

    person_id = row_id()
    born = fields.Date(required=True)
    text_id = row_id()


class ChildOut(BaseSchema):
    """A child that was written down."""

    person_id = fields.Integer(required=True, attribute="id")
    name = MaskedName(required=True, attribute="name_masked")
    protected_until = fields.Date(required=True, attribute="minor_until")


class ChildConsentBody(BaseSchema):
    """Whose data are to be forgotten."""

    person_id = row_id()
