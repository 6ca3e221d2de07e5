"""Photos: upload, and look at."""

from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from app import identity, links
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow, public
from app.schemas.tickets import PhotoOut, SignedQuery
from app.settings import gateways
from app.transaction import transaction
from models import StoredFile
from services import access, files
from services.errors import InvalidInput, NotFound
from services.permissions import Permission

blp = ApiBlueprint("photos", __name__, url_prefix="/api/v1/photos", description="Photos")

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
JPEG = {"type": "string", "format": "binary"}
CHOOSE_ONE = "请选一张照片再上传。"


@blp.post("")
@allow(Permission.PHOTO_UPLOAD, own_transactions=True)
@blp.doc(**FORM)
@blp.response(201, PhotoOut)
def upload() -> dict[str, Any]:
    """Upload one photo (JPG, PNG, WEBP or HEIC, up to 10 MB).  It is encoded anew, without EXIF, before it is kept."""
    given = request.files.get("photo")
    if not isinstance(given, FileStorage):
        raise InvalidInput(CHOOSE_ONE, code="photo_missing", errors={"photo": [CHOOSE_ONE]})
    photo = files.clean(given.stream.read(files.BYTES_MOST + 1))
    key = files.new_storage_key(now())
    gateways().files.put(key, photo.content, photo.content_type)
    with transaction() as session:
        file = files.register(session, actor=identity.actor(), photo=photo, storage_key=key, now=now())
    return {"id": file.token, "width": file.width, "height": file.height, "size": file.size}


@blp.get("/<token>")
@allow(Permission.PHOTO_READ)
@blp.response(200, JPEG, content_type="image/jpeg")
def show(token: str) -> Response:
    """One photo: one's own, or of a ticket in one's scope."""
    return _image(access.photo_for(db.session(), identity.actor(), token))


@blp.get("/<token>/signed")
@public()
@blp.doc(security=[])
@blp.arguments(SignedQuery, location="query")
@blp.response(200, JPEG, content_type="image/jpeg")
def show_signed(query: dict[str, Any], token: str) -> Response:
    """One photo by the signed link that came with its ticket: for image elements, which send no header."""
    if not links.is_good(token, query["expires"], query["signature"], now=now()):
        raise NotFound("照片的链接过期了，请重新打开单子。", code="link_expired")
    return _image(access.photo_by_link(db.session(), token))


def _image(file: StoredFile) -> Response:
    try:
        content = gateways().files.get(file.storage_key)
    except FileNotFoundError as error:
        raise NotFound(access.PHOTO_MISSING, code="photo_not_found") from error
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(content, mimetype=file.content_type, headers=headers)
