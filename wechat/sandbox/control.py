"""The sandbox's own JSON interface under ``/sandbox/``: people's taps, troubles on order, what arrived.

Errors are ``{"error": "…"}`` with status 400, 404 or 409.
"""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wechat.sandbox.asked import body as _body
from wechat.sandbox.asked import text as _text
from wechat.sandbox.callback_control import add_callbacks, add_clock
from wechat.sandbox.code_pictures import draw, spoken
from wechat.sandbox.code_pictures import heard as read
from wechat.sandbox.faults import ENDPOINTS, PAY_ENDPOINTS
from wechat.sandbox.pay.control import add_payments
from wechat.sandbox.phones import openid_of
from wechat.sandbox.refusal import Unknown
from wechat.sandbox.sharing import add_sharing
from wechat.sandbox.wecom_endpoints import add_confirming
from wechat.sandbox.world import World

Json = dict[str, Any]

PLATFORM = "oPlatformOfWeChat0000000000"
"""Who sends what is about a person's data: a service of WeChat, not the person."""


def control(world: World) -> Blueprint:
    """Return the blueprint of the control interface."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox")
    blueprint.register_error_handler(Unknown, _unknown)
    _add_phones(blueprint, world)
    _add_events(blueprint, world)
    _add_pushes(blueprint, world)
    _add_groups(blueprint, world)
    _add_codes(blueprint, world)
    _add_faults(blueprint, world)
    _add_switches(blueprint, world)
    add_payments(blueprint, world.pay)
    add_callbacks(blueprint, world)
    add_clock(blueprint, world)
    add_sharing(blueprint, world)
    add_confirming(blueprint, world)
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
        template_id, answer = _text(body, "template_id"), _text(body, "answer")
        answered = phones.answer(slug, template_id, answer)
        item = {"TemplateId": template_id, "SubscribeStatusString": answer, "PopupScene": "0"}
        world.pushes.send("subscribe_msg_popup_event", openid_of(slug), items=[item])
        return answered

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


def _add_events(blueprint: Blueprint, world: World) -> None:
    """What a person does in WeChat itself, outside of the mini-program."""
    phones = world.phones

    @blueprint.delete("/phones/<slug>/grants/<template_id>")
    def switch_off(slug: str, template_id: str) -> Json:
        phones.switch_off(slug, template_id)
        item = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
        world.pushes.send("subscribe_msg_change_event", openid_of(slug), items=[item])
        return {}

    @blueprint.post("/phones/<slug>/phone-code")
    def phone_code(slug: str) -> Json:
        return {"code": phones.phone_code(slug)}

    @blueprint.post("/phones/<slug>/revoke")
    def revoke(slug: str) -> Json:
        fields = {"OpenID": phones.openid(slug), "AppID": world.appid, "RevokeInfo": _text(_body(), "info")}
        return {"delivery": world.pushes.send("user_authorization_revoke", PLATFORM, fields)}

    @blueprint.delete("/phones/<slug>/account")
    def close_account(slug: str) -> Json:
        fields = {"OpenID": phones.openid(slug), "AppID": world.appid}
        return {"delivery": world.pushes.send("user_authorization_cancellation", PLATFORM, fields)}


def _add_pushes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/push")
    def read_push() -> Json:
        return world.pushes.settings()

    @blueprint.put("/push")
    def put_push() -> Json:
        return world.pushes.set_up(_body())

    @blueprint.get("/content")
    def read_content() -> Json:
        return world.safety.ordered()

    @blueprint.put("/content")
    def put_content() -> Json:
        return world.safety.order(_text(_body(), "photos"))


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


def _add_codes(blueprint: Blueprint, world: World) -> None:
    """What a phone finds to scan or to tap."""

    @blueprint.get("/codes")
    def list_codes() -> Json:
        return {"items": world.codes.listing()}

    @blueprint.get("/codes/picture")
    def code_picture() -> Response:
        text = spoken(world.appid, request.args.get("page", ""), request.args.get("scene", ""))
        content, content_type = draw(text, 280, clear=False)
        return Response(content, content_type=content_type)

    @blueprint.post("/codes/read")
    def read_code() -> Json:
        found = read(_text(_body(), "text"))
        if found is None:
            raise Unknown("this is no code of a mini-program", 400)
        page, scene = found
        return {"page": page, "query": {"scene": scene}}

    @blueprint.get("/links/<ticket>")
    def open_link(ticket: str) -> Json:
        return world.codes.open(ticket)


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
        return {**dict.fromkeys((*ENDPOINTS, *PAY_ENDPOINTS), 0), **world.calls}

    @blueprint.post("/reset")
    def reset() -> Json:
        world.reset()
        return {}


def _unknown(error: Unknown) -> ResponseReturnValue:
    return {"error": str(error)}, error.status
