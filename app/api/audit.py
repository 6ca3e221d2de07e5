"""The published end of the audit trail's chain: for everybody, so that many can write it down."""

from marshmallow import fields

from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import public
from app.schemas.base import BaseSchema
from models import AuditHead
from services import audit_chain
from services.errors import NotFound

blp = ApiBlueprint("audit", __name__, url_prefix="/api/v1", description="Audit: the published head of the chain")


class HeadOut(BaseSchema):
    """The chain had so many entries on a day, and this hash covers all of them."""

    day = fields.Date(required=True, metadata={"description": "Asia/Shanghai."})
    position = fields.Integer(required=True)
    hash = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)


@blp.get("/audit/head")
@public()
@blp.doc(security=[])
@blp.response(200, HeadOut)
def head() -> AuditHead:
    """The newest published head.  Write it down: `flask privacy verify --head` compares with it."""
    found = audit_chain.head(db.session())
    if found is None:
        raise NotFound("还没有公布过。头一次在留痕开始以后的当天公布，请明天再来看。", code="no_head_yet")
    return found
