"""Reads what the control interface is asked; whatever is not there or not of its kind is refused with 400."""

from typing import Any

from flask import request

from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]


def body() -> Json:
    """Return the JSON object of the request."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Unknown("a JSON object is needed", 400)
    return found


def text(given: Json, name: str) -> str:
    """Return a text that is not empty."""
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Unknown(f"{name} must be a text", 400)
    return value.strip()


def amount(given: Json, name: str) -> float:
    """Return a number."""
    value = given.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Unknown(f"{name} must be a number", 400)
    return float(value)
