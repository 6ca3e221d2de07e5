"""The sandbox's own JSON interface under ``/sandbox/``: people's taps, troubles on order, what arrived.

Errors are ``{"error": "…"}`` with status 400, 404 or 409.
"""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from wechat.sandbox.asked import body as _body
from wechat.sandbox.asked import text as _text
from wechat.sandbox.callback_control import add_callbacks, add_clock
from wechat.sandbox.refusal import Unknown
from wechat.sandbox.world import World

Json = dict[str, Any]


def control(world: World) -> Blueprint:
    """Return the blueprint of the control interface."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox")
    blueprint.register_error_handler(Unknown, _unknown)
    _add_phones(blueprint, world)
    _add_groups(blueprint, world)
    _add_faults(blueprint, world)
    _add_switches(blueprint, world)
    add_callbacks(blueprint, world)
    add_clock(blueprint, world)
    return blueprint


def _add_phones(blueprint: Blueprint, world: World) -> None:
    phones = world.phones

    @blueprint.get("/phones")
    def list_phones() -> Json:
        return {"items": phones.summaries()}

    @blueprint.put("/phones/<slug>")
    def put_phone(slug: str) -> Json:
        return phones.put(slug, _text(_body(), "name"))

    @blueprint.post("/phones/<slug>/login-code")
    def login_code(slug: str) -> Json:
        return {"code": phones.login_code(slug)}

    @blueprint.post("/phones/<slug>/grants")
    def grant(slug: str) -> Json:
        body = _body()
        return phones.answer(slug, _text(body, "template_id"), _text(body, "answer"))

    @blueprint.get("/phones/<slug>/messages")
    def phone_messages(slug: str) -> Json:
        return phones.messages(slug)

    @blueprint.get("/templates")
    def list_templates() -> Json:
        known = world.templates.values()
        return {
            "items": [
                {"template_id": one.template_id, "kind": one.kind, "title": one.title, "fields": dict(one.labels)}
                for one in known
            ]
        }


def _add_groups(blueprint: Blueprint, world: World) -> None:
    groups = world.groups

    @blueprint.get("/groups")
    def list_groups() -> Json:
        return {"items": groups.summaries()}

    @blueprint.put("/groups/<slug>")
    def put_group(slug: str) -> Json:
        body = _body()
        return groups.put(slug, _text(body, "name"), _text(body, "robot_key") if body.get("robot_key") else None)

    @blueprint.delete("/groups/<slug>")
    def remove_group(slug: str) -> Json:
        groups.remove(slug)
        return {}

    @blueprint.get("/groups/<slug>/messages")
    def group_messages(slug: str) -> Json:
        return groups.messages(slug)


def _add_faults(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/faults")
    def list_faults() -> Json:
        return world.faults.listing()

    @blueprint.put("/faults/<endpoint>")
    def put_fault(endpoint: str) -> Json:
        return world.faults.put(endpoint, _body())

    @blueprint.delete("/faults")
    def clear_faults() -> Json:
        world.faults.clear()
        return {}

    @blueprint.delete("/faults/<endpoint>")
    def clear_fault(endpoint: str) -> Json:
        world.faults.clear(endpoint)
        return {}


def _add_switches(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/tokens/expire")
    def expire_tokens() -> Json:
        return {"expired": world.tokens.expire_all()}

    @blueprint.get("/settings")
    def read_settings() -> Json:
        return {"unlimited_grants": world.phones.unlimited_grants}

    @blueprint.put("/settings")
    def put_settings() -> Json:
        unlimited = _body().get("unlimited_grants")
        if not isinstance(unlimited, bool):
            raise Unknown("unlimited_grants must be true or false", 400)
        world.phones.unlimited_grants = unlimited
        return read_settings()

    @blueprint.get("/calls")
    def count_calls() -> Json:
        return {"token": 0, "login": 0, "send": 0, "group": 0, **world.calls}

    @blueprint.post("/reset")
    def reset() -> Json:
        world.reset()
        return {}


def _unknown(error: Unknown) -> ResponseReturnValue:
    return {"error": str(error)}, error.status
