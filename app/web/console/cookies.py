"""What a browser carries: the token of its sign-in, or the secret with which it asks to be let in."""

import hashlib
import hmac

from flask import Response, request

from app.settings import settings
from services.errors import Conflict

SIGN_IN = "wuyou_console"
ASKING = "wuyou_asking"
CSRF_FIELD = "csrf"
FORM_STALE = "这一页放得太久了，或者您在别的窗口里换过登录。请回到上一页，刷新以后再填一次。"
OTHER_SITE = "这次提交不是从五有的页面来的，没有办理。请在五有的页面里操作。"


def is_secure() -> bool:
    """Whether browsers reach us over TLS."""
    return settings().public_url.startswith("https://")


def name_of(cookie: str) -> str:
    """Return the full name of a cookie.  Over TLS the prefix makes browsers refuse one that a neighboring host has set."""
    return f"__Host-{cookie}" if is_secure() else cookie


def given(cookie: str) -> str:
    """Return what the browser carries, or nothing."""
    return request.cookies.get(name_of(cookie), "")


def put(response: Response, cookie: str, value: str) -> None:
    """Let the browser carry something that no script reads.  It forgets it when it is closed."""
    response.set_cookie(name_of(cookie), value, secure=is_secure(), httponly=True, samesite="Lax", path="/")


def drop(response: Response, cookie: str) -> None:
    """Take something from the browser."""
    response.delete_cookie(name_of(cookie), secure=is_secure(), httponly=True, samesite="Lax", path="/")


def csrf_token() -> str:
    """Return what a form of this browser must bring along.  It is derived from a cookie that no other site can read."""
    secret = given(SIGN_IN) or given(ASKING)
    return csrf_of(secret) if secret else ""


def csrf_of(secret: str) -> str:
    """Return the token of forms for a sign-in or for a request to be let in."""
    return hmac.digest(secret.encode(), b"console form", hashlib.sha256).hex()


def check_form() -> None:
    """Raise ``Conflict`` for a form that did not come from a page of this browser's sign-in."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Conflict(OTHER_SITE, code="other_site")
    expected = csrf_token()
    brought = request.form.get(CSRF_FIELD, "")
    if not expected or not hmac.compare_digest(expected.encode(), brought.encode()):
        raise Conflict(FORM_STALE, code="form_stale")
