"""How a page of the console is made: the shell around every page, and pages for what went wrong."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_bootstrap import Bootstrap5

from app import hats
from app.settings import settings, settings_of
from app.web.console import cookies, forms, words
from app.web.console.blueprint import PREFIX, ConsoleBlueprint, Entry
from services.actors import Actor
from services.errors import NotSignedIn
from services.permissions import Permission
from services.wording import URGENCY_NAMES

ENTRIES = "wuyou_console_entries"
HOME = "console_home.today"
SIGN_IN = "console_sign_in.page"


class OnlyAtTheConsole(SecureCookieSessionInterface):
    """The signed cookie that carries a sentence to the next page.  The API has none, and does not pay for looking."""

    def open_session(self, app: Flask, request: Any) -> SecureCookieSession | None:
        """Return what the browser brought, for pages of the console only."""
        return super().open_session(app, request) if request.path.startswith(PREFIX) else None


def configure(app: Flask, blueprints: tuple[ConsoleBlueprint, ...], token_key: str) -> None:
    """Register the console's pages and put their menu together."""
    app.config.update(
        SECRET_KEY=hmac.digest(token_key.encode(), b"console sentences", hashlib.sha256),
        SESSION_COOKIE_NAME="wuyou_said",
        SESSION_COOKIE_PATH=PREFIX,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings_of(app).public_url.startswith("https://"),
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.session_interface = OnlyAtTheConsole()
    Bootstrap5(app)
    app.add_template_filter(words.moment)
    app.add_template_filter(words.day)
    app.add_template_filter(words.phone)
    app.add_template_filter(words.area)
    app.add_template_filter(words.since)
    app.add_template_filter(without_cursor)
    app.jinja_env.globals["URGENCY"] = URGENCY_NAMES
    app.extensions[ENTRIES] = tuple(entry for blueprint in blueprints for entry in blueprint.entries)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)


def without_cursor(query: Mapping[str, str]) -> str:
    """Return a query as it was, with room for the cursor of another page."""
    kept = urlencode({name: value for name, value in query.items() if name != "cursor"})
    return f"{kept}&" if kept else ""


def page(template: str, **shown: Any) -> str:
    """Return a page within the shell."""
    actor: Actor | None = g.get("actor")
    return render_template(
        f"console/{template}",
        actor=actor,
        hat=hats.described(actor.hat) if actor else None,
        menu=_menu(actor) if actor else (),
        may=_may(actor) if actor else frozenset(),
        csrf=cookies.csrf_token(),
        typed=forms.refused(),
        untyped=forms.Refused(),
        sandbox=settings().wechat.is_sandbox,
        here=_here(),
        **shown,
    )


def _may(actor: Actor) -> frozenset[str]:
    """Return the names of what the hat may, so that a page offers nothing that it will refuse."""
    return frozenset(one.name for one in Permission if actor.may(one))


def _menu(actor: Actor) -> list[Entry]:
    entries: tuple[Entry, ...] = current_app.extensions[ENTRIES]
    return [entry for entry in entries if actor.may(entry.permission)]


def go(endpoint: str, said: str = "", **values: Any) -> Any:
    """Go on to another page after something was done, and say there what was done."""
    if said:
        flash(said, "success")
    return redirect(url_for(endpoint, **values), 303)


def problem(status: int, code: str, title: str, detail: str, extra: Mapping[str, Any]) -> Response:
    """Return the page for what went wrong.  Who is not signed in is led to the sign-in page and told why."""
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        if code != NotSignedIn.code:  # nobody needs a reason for a door at which they have only just arrived
            session.pop("_flashes", None)  # and one is enough, however many windows were open
            flash(detail, "info")
        response = make_response(redirect(url_for(SIGN_IN, to=_here()), 303))
        cookies.drop(response, cookies.SIGN_IN)
        return response
    shown = page("problem.html", status=status, code=code, title=title, detail=detail, extra=extra)
    return make_response(shown, status)


def _here() -> str | None:
    """Return the address to come back to: of a page, not of something that was to be done."""
    if request.method != "GET" or request.path == PREFIX:
        return None
    return request.full_path.rstrip("?")


def inside(address: str) -> str | None:
    """Return an address within the console, or nothing: nobody is led to another site from here."""
    is_ours = address == PREFIX or address.startswith((f"{PREFIX}/", f"{PREFIX}?"))
    return address if is_ours and address.isprintable() and "\\" not in address else None
