"""The page on which a person sees every phone and every group, taps for them, and orders trouble."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from wechat.sandbox import payments_view, switchboard
from wechat.sandbox.guide import PARTS, in_order, steps_for
from wechat.sandbox.refusal import Unknown
from wechat.sandbox.robot_posts import shown
from wechat.sandbox.world import World

SHOWN = 20  # messages in a card
CODES_SHOWN = 6  # codes that a phone can scan
ORDERS = (
    ("faults", "微信的接口", switchboard.ENDPOINT_NAMES, switchboard.TROUBLES),
    ("faults", "微信支付的接口", switchboard.PAY_NAMES, switchboard.PAY_TROUBLES),
    ("callback-faults", "微信告诉我们的事", switchboard.CALLBACK_NAMES, switchboard.CALLBACK_TROUBLES),
)
"""The forms that order trouble: where they are sent, what they are about, where it may go wrong, and how."""


def page(world: World, public_url: str) -> Blueprint:
    """Return the blueprint of the page.  ``public_url`` is the address of the product that this sandbox serves."""
    blueprint = Blueprint("page", __name__)

    @blueprint.get("/")
    def index() -> str:
        phones = {summary["slug"]: _phone(world, summary) for summary in world.phones.summaries()}
        return render_template(
            "sandbox.html",
            phones=[phones[slug] for slug in in_order(phones)],
            steps=steps_for(phones),
            groups=[_group(world, summary) for summary in world.groups.summaries()],
            wecom=world.wecom.listing()[:SHOWN],
            switches=switchboard.SWITCHES,
            orders=ORDERS,
            troubles=switchboard.in_force(
                world.faults.listing(), world.callbacks.faults.listing(), world.pay.settings()
            ),
            payments=payments_view.listed(world, SHOWN),
            unlimited=world.phones.unlimited_grants,
            public_url=public_url,
            codes=[_code(code) for code in world.codes.listing()[:CODES_SHOWN]],
            opened=request.args.get("open", ""),
        )

    @blueprint.get("/l/<ticket>")
    def follow(ticket: str) -> Response | tuple[str, int]:
        """Do what WeChat does with a link that is tapped in a browser: here one is asked on which phone."""
        try:
            found = world.codes.open(ticket)
        except Unknown as error:
            return "这个链接已经失效了。请回到原来的地方再点一次。", error.status
        page = f"{found['page']}?{urlencode(found['query'])}"
        return redirect(f"/?{urlencode({'open': page})}")

    return blueprint


def _phone(world: World, summary: dict[str, Any]) -> dict[str, Any]:
    messages = world.phones.messages(summary["slug"])["items"][:SHOWN]
    templates = [
        {"title": one.title, "template_id": one.template_id, "left": summary["grants"].get(one.template_id, 0)}
        for one in world.templates.values()
    ]
    labelled = [_labelled(world, message) for message in messages]
    sheets = payments_view.sheets(world, summary["slug"])
    return {
        **summary,
        "part": PARTS.get(summary["slug"]),
        "templates": templates,
        "messages": labelled,
        "sheets": sheets,
    }


def _code(code: dict[str, Any]) -> dict[str, str]:
    """Return what a code on the wall opens, and where its picture is."""
    query = urlencode({"scene": code["scene"]})
    return {"page": f"{code['page']}?{query}", "picture": f"/sandbox/codes/picture?{query}&page={code['page']}"}


def _labelled(world: World, message: dict[str, Any]) -> dict[str, Any]:
    labels = world.templates[message["template_id"]].labels
    return {**message, "lines": [(label, message["values"][key]) for key, label in labels.items()]}


def _group(world: World, summary: dict[str, Any]) -> dict[str, Any]:
    messages = world.groups.messages(summary["slug"])["items"][:SHOWN]
    return {**summary, "messages": [{**message, "html": shown(message)} for message in messages]}
