"""The blueprint all API views use: permission, one transaction, safe repeats."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import Response, g, make_response, request
from flask_smorest import Blueprint
from sqlalchemy.exc import IntegrityError

from app import guards, identity
from app.guards import Access
from app.transaction import transaction
from services import idempotency
from services.errors import InvalidInput, ServiceError, UnsupportedMedia
from services.idempotency import StoredAnswer

KEY_HEADER = "Idempotency-Key"
KEY_MOST = 64
JSON_OR_FORM = {"application/json", "multipart/form-data"}


class ApiBlueprint(Blueprint):
    """Runs each view in one transaction, and refuses a view that names no permission."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        """Register a view."""
        access = getattr(view_func, "access", None)
        if not isinstance(access, Access):
            raise RuntimeError(
                f"{view_func.__module__}.{view_func.__qualname__} names no permission: add @allow(...) or @public()"
            )

        @functools.wraps(view_func)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if access.permission is not None:
                guards.check(identity.actor(), access.permission)
            if request.content_length and request.mimetype not in JSON_OR_FORM:
                raise UnsupportedMedia("请求的格式不对，请用 JSON 提交。")
            call = functools.partial(view_func, *args, **kwargs)
            return call() if access.own_transactions else committed(call)

        super().add_url_rule(rule, endpoint, guarded, **options)


def committed(view: Callable[[], Any]) -> Any:
    """Run a view in one transaction; with an ``Idempotency-Key``, a repeat gets the first answer.

    The key is written after the work, in the same transaction, so that the usual case costs no look-up: a repeat fails on
    the key (or before, because the state has moved on), is rolled back, and is given the stored answer instead.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        with transaction():
            return view()
    if not key or len(key) > KEY_MOST:
        raise InvalidInput(f"{KEY_HEADER} 要有1到{KEY_MOST}个字符。", code="key_invalid")
    asked = idempotency.request_hash(request.method, request.full_path, request.get_data())
    person_id = identity.actor().person_id
    try:
        with transaction() as session:
            response = make_response(view())
            answer = StoredAnswer(response.status_code, response.get_data(as_text=True))
            idempotency.store(
                session, person_id=person_id, key=key, request=asked, answer=answer, now=dt.datetime.now(dt.UTC)
            )
            return response
    except (IntegrityError, ServiceError):
        with transaction() as session:
            stored = idempotency.find(session, person_id=person_id, key=key, request=asked)
        if stored is None:
            raise
        g.replayed = True
        return Response(stored.body, stored.status, mimetype="application/json", headers={"Idempotent-Replay": "true"})
