"""Forms: read with the same schemas as the API, and shown again with what was typed when something is wrong."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from marshmallow import Schema, ValidationError, fields

from app.web.console.cookies import CSRF_FIELD
from services.errors import InvalidInput, ServiceError

View = Callable[..., Any]
MISTAKES = "有几处填得不对，请看每一项下面的说明。"


@dataclass(frozen=True)
class Refused:
    """A form that was not taken: why, what was typed, and what is wrong with which field."""

    detail: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The same for what can be chosen several times."""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)


def form(schema: type[Schema], *, again: View) -> Callable[[View], View]:
    """Read a form into the view's first argument.

    When the form or the service says that something is wrong, nothing is changed, and the view ``again`` shows its page
    with what was typed.  Write it below ``@allow``.
    """
    instance = schema()

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def called(*args: Any, **kwargs: Any) -> Any:
            return view(_load(instance), *args, **kwargs)

        called.again = again  # type: ignore[attr-defined]  # read again by ConsoleBlueprint
        return called

    return decorate


def refuse(error: ServiceError) -> None:
    """Remember a refusal for the page that is shown again."""
    errors = error.errors if isinstance(error, InvalidInput) else {}
    values = {name: value for name, value in request.form.items() if name != CSRF_FIELD}
    lists = {name: chosen for name, chosen in request.form.lists() if name in values}
    g.refused = Refused(error.detail, values, lists, errors)


def refused() -> Refused:
    """Return the form that was not taken in this request, or an empty one."""
    found: Refused = g.get("refused", Refused())
    return found


def _load(schema: Schema) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, kind in ((kind.data_key or name, kind) for name, kind in schema.fields.items()):
        values = [value.strip() for value in request.form.getlist(name) if value.strip()]
        if isinstance(kind, fields.List):
            given[name] = [_plain(kind.inner, value) for value in values]
        elif values:
            given[name] = _plain(kind, values[0])
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise InvalidInput(MISTAKES, errors=error.messages_dict) from error
    return loaded


def _plain(kind: Any, value: str) -> Any:
    """Return a value as the API would get it: forms know only text."""
    return int(value) if isinstance(kind, fields.Integer) and value.isascii() and value.isdigit() else value
