"""The blueprint all API views use: permission, one transaction, safe repeats."""

import functools
from typing import Any

import orjson
from flask import Request, abort, request
from flask_smorest import Blueprint
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request

from app import guards, identity
from app.guards import Access
from app.repeats import KEY_HEADER, KEY_MOST, committed
from services.errors import UnsupportedMedia

REPEAT_HEADER = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "Any text of yours: the same request again with it gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MOST},
}
JSON_OR_FORM = {"application/json", "multipart/form-data"}


class Parser(FlaskParser):
    """Reads requests strictly: no unknown filters, and JSON as the standard has it.

    The usual parser takes half characters, which no database keeps, and gives up on deep nesting with a stack overflow.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - as the library declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,
    }

    def _raw_load_json(self, req: Request) -> Any:
        content = req.get_data(cache=True)
        if not content or not is_json_request(req):
            return missing
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            abort(400)


class ApiBlueprint(Blueprint):
    """Runs each view in one transaction, and refuses a view that names no permission."""

    ARGUMENTS_PARSER = Parser()
    more_headers: tuple[dict[str, Any], ...] = ()
    """Headers that all moves of a blueprint take, for the API's description."""

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        """Name the schema of a body or query.

        One instance serves all requests: making one costs more than using it.  And a query that asks for nothing, as most
        do, gets the defaults without being parsed.
        """
        instance = schema() if isinstance(schema, type) else schema
        parsed = super().arguments(instance, location=location, **options)
        if location != "query" or instance.validate({}):
            return parsed
        usual = instance.load({})

        def decorate(view: Any) -> Any:
            checked = parsed(view)

            @functools.wraps(checked)
            def called(*args: Any, **kwargs: Any) -> Any:
                return checked(*args, **kwargs) if request.query_string else view(dict(usual), *args, **kwargs)

            return called

        return decorate

    def add_url_rule(self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any) -> None:
        """Register a view."""
        access = getattr(view_func, "access", None)
        if not isinstance(access, Access):
            raise RuntimeError(  # noqa: TRY004 - not a wrong type but a forgotten decorator
                f"{view_func.__module__}.{view_func.__qualname__} names no permission: add @allow(...) or @public()"
            )

        if "POST" in options.get("methods", ()) and access.permission is not None and not access.own_transactions:
            view_func = self.doc(parameters=[REPEAT_HEADER, *self.more_headers])(view_func)

        @functools.wraps(view_func)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if access.permission is not None:
                guards.check(identity.actor(), access.permission)
            if request.content_length and request.mimetype not in JSON_OR_FORM:
                raise UnsupportedMedia("请求的格式不对，请用 JSON 提交。")
            call = functools.partial(view_func, *args, **kwargs)
            if access.own_transactions:
                return call()
            # Keys belong to persons: where nobody has to be signed in, there is nobody to keep an answer for.
            return committed(call, repeatable=access.permission is not None)

        super().add_url_rule(rule, endpoint, guarded, **options)
