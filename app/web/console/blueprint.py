"""The blueprint all views of the console use: sign-in, permission, form token, one transaction."""

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, make_response, request

from app import guards
from app.guards import Access
from app.settings import settings
from app.transaction import transaction
from app.web.console import cookies, forms
from services.console import sessions
from services.console.sessions import Present
from services.errors import Conflict, InvalidInput, NotSignedIn
from services.permissions import Permission

PREFIX = "/console"
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Entry:
    """A line of the menu, for whoever wears a hat that carries the permission."""

    label: str
    endpoint: str
    permission: Permission


class ConsoleBlueprint(Blueprint):
    """Runs each view in one transaction, and refuses a view that names no permission.

    ``entries`` are its lines of the menu.  ``own_transactions`` means what it does in the API.
    """

    def __init__(self, name: str, import_name: str, *, entries: Sequence[Entry] = ()) -> None:
        super().__init__(f"console_{name}", import_name, url_prefix=PREFIX)
        self.entries = entries

    def add_url_rule(  # type: ignore[override]  # a view of ours is always there
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *, is_use: bool = True, **options: Any
    ) -> None:
        """Register a view.  ``is_use``: asking for it counts as using the console."""
        access = getattr(view_func, "access", None)
        if not isinstance(access, Access):
            raise RuntimeError(  # noqa: TRY004 - not a wrong type but a forgotten decorator
                f"{view_func.__module__}.{view_func.__qualname__} names no permission: add @allow(...) or @public()"
            )

        @functools.wraps(view_func)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if access.permission is not None:
                here = identify()
                guards.check(here.actor, access.permission)
                if here.is_due and is_use:
                    use(here)
            if request.method not in SAFE:
                cookies.check_form()
            return _answer(functools.partial(view_func, *args, **kwargs), view_func, access)

        super().add_url_rule(rule, endpoint, guarded, **options)


def identify() -> Present:
    """Return who is at this browser.  Raises ``NotSignedIn``, which says why."""
    token = cookies.given(cookies.SIGN_IN)
    if not token:
        raise NotSignedIn(sessions.SIGN_IN_FIRST)
    with transaction(read_only=True) as session:
        here = sessions.present(session, token=token, now=dt.datetime.now(dt.UTC))
    g.actor = here.actor  # views and services ask app.identity, as in the API
    return here


def use(here: Present) -> None:
    """Write down that the browser is in use."""
    idle = dt.timedelta(minutes=settings().console_idle_minutes)
    with transaction() as session:
        sessions.touch(session, actor=here.actor, idle=idle, now=dt.datetime.now(dt.UTC))


def _answer(call: functools.partial[Any], view: Any, access: Access) -> Any:
    """Run a view; show the page of a form again when the form is not taken."""
    try:
        return _run(call, access, read_only=request.method in SAFE)
    except (InvalidInput, Conflict) as error:
        again = getattr(view, "again", None)
        if again is None:
            raise
        forms.refuse(error)
        status = 409 if isinstance(error, Conflict) else 422
    response = make_response(_run(functools.partial(again, **call.keywords), again.access, read_only=True))
    response.status_code = status
    return response


def _run(call: Callable[[], Any], access: Access, *, read_only: bool) -> Any:
    if access.own_transactions:
        return call()
    with transaction(read_only=read_only):
        return call()
