"""Requests that may come twice: on a bad line the phone sends again, and must not file a second ticket.

Answers are kept sealed: some show a phone, an invitation or a token.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request
from sqlalchemy.exc import IntegrityError

from app import identity
from app.settings import vault
from app.transaction import transaction
from services import idempotency
from services.errors import InvalidInput, ServiceError
from services.idempotency import StoredAnswer

KEY_HEADER = "Idempotency-Key"
KEY_MOST = 64
SAFE = {"GET", "HEAD", "OPTIONS"}
LABEL = "idempotency.answer"


def committed(view: Callable[[], Any], *, repeatable: bool = True) -> Any:
    """Run a view in one transaction; with an ``Idempotency-Key``, a repeat gets the first answer.

    The key is written after the work, in the same transaction, so that the usual case costs no look-up: a repeat fails on
    the key (or before, because the state has moved on), is rolled back, and is given the stored answer instead.
    """
    key = request.headers.get(KEY_HEADER) if repeatable else None
    if key is None:
        with transaction(read_only=request.method in SAFE):
            return view()
    if not key or len(key) > KEY_MOST:
        raise InvalidInput(f"{KEY_HEADER} 要有1到{KEY_MOST}个字符。", code="key_invalid")
    asked = idempotency.request_hashes(vault(), request.method, request.full_path, request.get_data())
    person_id = identity.actor().doer_id  # a key belongs to who holds the phone
    try:
        with transaction() as session:
            response = make_response(view())
            answer = StoredAnswer(response.status_code, vault().seal(response.get_data(as_text=True), LABEL))
            idempotency.store(
                session, person_id=person_id, key=key, request=asked[0], answer=answer, now=dt.datetime.now(dt.UTC)
            )
            return response
    except (IntegrityError, ServiceError):
        with transaction() as session:
            stored = idempotency.find(session, person_id=person_id, key=key, requests=asked)
        if stored is None:
            raise
        body = vault().open(stored.body, LABEL)
        return Response(body, stored.status, mimetype="application/json", headers={"Idempotent-Replay": "true"})
