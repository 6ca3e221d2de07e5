"""``/s/…``: the address that is printed and sent.  It leads into the mini-program, or says in words what to do.

Links that WeChat makes end after thirty days; this address does not.
"""

from flask import Blueprint, Response, make_response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from app import attempts
from app.api.answers import now
from app.printing import ADDRESS
from app.settings import settings
from app.transaction import transaction
from services.attempts import Limit
from services.codes import landing
from services.errors import NotFound, TooMany

blp = Blueprint("scanned", __name__)
GUESSES = Limit("code.address", 60, "打开得太频繁了，请过十分钟再试。着急报修，请打服务站电话。")


@blp.get(f"{ADDRESS}<token>")
def open_code(token: str) -> AnyResponse:
    """Lead into the mini-program by the link that works now; without one, show words."""
    try:
        with transaction() as session:
            found = landing.arrive(session, token=token, now=now())
    except NotFound as error:
        return _unknown(error.detail)
    if found.link is not None and found.counts:
        return _kept_nowhere(redirect(found.link, 302))
    page = render_template("scanned.html", found=found, problem=None, sandbox=settings().wechat.is_sandbox)
    return _kept_nowhere(make_response(page, 200 if found.counts else 410))


def _unknown(detail: str) -> Response:
    """Answer an address that is none of ours; who tries many is slowed down."""
    status = 404
    try:
        attempts.take(GUESSES)
    except TooMany as error:
        detail, status = error.detail, 429
    page = render_template("scanned.html", found=None, problem=detail, sandbox=settings().wechat.is_sandbox)
    return make_response(page, status)


def _kept_nowhere(response: AnyResponse) -> AnyResponse:
    """Let nobody keep the answer: tomorrow's link is another."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
