"""Bare views: a token check, a few lines of SQL, orjson.  ``granian --interface wsgi bench.floor.app:application``."""

import datetime as dt
import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from typing import Any

import orjson
from flask import Flask, Response, request

from bench.floor import postgresql, sqlite
from bench.floor.paying import believed
from config import WeChatSettings
from wechat.push_crypto import decrypt, is_same, signature

URL = os.environ["WUYOU_DATABASE_URL"]
KEY = os.environ["WUYOU_TOKEN_KEY"].encode()

WECHAT = WeChatSettings()
FRESH = 300  # seconds
application = Flask(__name__, static_folder=None)
store: Any = sqlite.Store(URL) if URL.startswith("sqlite") else postgresql.Store(URL)


def claims() -> dict[str, Any]:
    """Return the claims of a valid HS256 token."""
    signed, _, signature = request.headers["Authorization"].removeprefix("Bearer ").rpartition(".")
    given = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    if not hmac.compare_digest(hmac.digest(KEY, signed.encode(), "sha256"), given):
        raise PermissionError
    body = signed.partition(".")[2]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if found["exp"] <= dt.datetime.now(dt.UTC).timestamp():
        raise PermissionError
    return found


@application.post("/api/v1/tickets")
def file_ticket() -> Response:
    """One select for place, category and clock rule, then all rows, the stored answer among them."""
    who = claims()
    raw = request.get_data()
    body = orjson.loads(raw)
    asked = hashlib.sha256(b"\n".join([b"POST", request.full_path.encode(), raw])).hexdigest()
    answer = store.file(who, body, request.headers["Idempotency-Key"], asked, dt.datetime.now(dt.UTC))
    return Response(answer, 201, mimetype="application/json")


@application.get("/api/v1/neighborhoods/<int:neighborhood>/tickets")
def of_neighborhood(neighborhood: int) -> Response:
    """Twenty open tickets, newest first."""
    if claims()["hat"][4] != neighborhood:
        raise PermissionError
    items = store.listed(neighborhood)
    more = items[19]["id"] if len(items) > 20 else None
    return Response(orjson.dumps({"items": items[:20], "next": more}), mimetype="application/json")


@application.get("/api/v1/tickets/<int:ticket>")
def one(ticket: int) -> Response:
    """One ticket with its events and their photos."""
    path = claims()["hat"][3]
    found = store.one(ticket)
    if not found["unit_path"].startswith(path):
        raise PermissionError
    response = Response(orjson.dumps(found), mimetype="application/json")
    response.headers["ETag"] = f'"{found["version"]}"'
    return response


@application.post("/callbacks/wechat/push")
def push() -> str:
    """Signature, freshness, decryption; then the push and its outbox row."""
    query, encrypted = request.args, orjson.loads(request.get_data())["Encrypt"]
    signed = signature(WECHAT.push_token, query["timestamp"], query["nonce"], encrypted)
    moment = dt.datetime.now(dt.UTC)
    if not is_same(query["msg_signature"], signed) or abs(moment.timestamp() - int(query["timestamp"])) > FRESH:
        raise PermissionError
    message = decrypt(encrypted, WECHAT.push_key, WECHAT.appid)
    key = hmac.digest(KEY, message, "sha256").hex()
    store.push(key, orjson.loads(message)["Event"], message, moment)
    return "success"


@application.post("/callbacks/wechat/pay/<slug>")
def paid(slug: str) -> Response:
    """Signature, freshness, decryption; then order, event and inbox."""
    now = dt.datetime.now(dt.UTC)
    store.book(believed(request.headers, request.get_data(), store.public_key(slug), now), now)
    return Response(status=204)


@application.get("/health/live")
def live() -> str:
    """Whether the server answers."""
    return "ok"
