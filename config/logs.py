"""Logging: one line per event, with the request's id, and never anything personal or secret."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from config.settings import Environment, Settings

DENIED = frozenset(
    {
        "access_token", "address", "authorization", "code", "contact", "cookie", "id_card", "js_code", "key", "name",
        "openid", "password", "phone", "phone_number", "refresh_token", "robot_key", "secret", "session_key", "text",
        "token", "unionid", "url_query",
    }
)  # fmt: skip
"""Fields whose value never reaches a log, whoever passes it by mistake."""
HIDDEN = "[hidden]"


def hide_denied(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank denied fields, however deep they stand."""
    for field, value in event.items():
        event[field] = HIDDEN if field in DENIED else _hidden_inside(value)
    return event


def _hidden_inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {field: HIDDEN if field in DENIED else _hidden_inside(inner) for field, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden_inside(inner) for inner in value]
    return value


def _renderer(*, in_json: bool) -> Any:
    """Return what writes an event as a line; a traceback says where, never with which values.

    structlog would use rich where it is installed, which prints the locals of every frame: keys, phone numbers.
    """
    if in_json:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def configure(settings: Settings) -> None:
    """Set up structlog, and send what libraries log through the standard module the same way."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    renderer = _renderer(in_json=settings.log_json)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_denied,
    ]
    in_words = [structlog.processors.format_exc_info] if settings.log_json else []
    structlog.configure(
        processors=[*shared, *in_words, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=settings.environment is not Environment.TEST,  # tests listen in,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, *in_words, renderer,
    ], foreign_pre_chain=shared))  # fmt: skip
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
