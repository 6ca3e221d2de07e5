"""The page on which a person sees every phone and every group, taps for them, and orders trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from wechat.sandbox.faults import ENDPOINTS
from wechat.sandbox.guide import PARTS, in_order, steps_for
from wechat.sandbox.markdown import render
from wechat.sandbox.world import World

SHOWN = 20  # messages in a card

Call = tuple[str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Switch:
    """A button of the switchboard: its words, what it explains, and the control calls it makes."""

    label: str
    hint: str
    calls: tuple[Call, ...]


def _everywhere(fault: Mapping[str, Any], endpoints: tuple[str, ...] = ENDPOINTS) -> tuple[Call, ...]:
    return tuple(("PUT", f"/sandbox/faults/{endpoint}", fault) for endpoint in endpoints)


SWITCHES = (
    Switch("微信繁忙", "每次都回答“系统繁忙”", _everywhere({"errcode": -1})),
    Switch("令牌失效", "所有通行证立刻作废", (("POST", "/sandbox/tokens/expire", {}),)),
    Switch("额度用完", "通知和群消息都超出次数", _everywhere({"errcode": 45009}, ("send", "group"))),
    Switch("慢3秒", "每次都晚3秒回答", _everywhere({"delay": 3.0})),
    Switch("推送丢一个", "下一个推送送不到", (("PUT", "/sandbox/callback-faults/push", {"fault": "lost"}),)),
    Switch("推送来两遍", "下一个推送送两遍", (("PUT", "/sandbox/callback-faults/push", {"fault": "twice"}),)),
    Switch("伪造推送", "下一个推送的签名是假的", (("PUT", "/sandbox/callback-faults/push", {"fault": "forged"}),)),
    Switch("照片不合适", "微信说后面的照片不合适", (("PUT", "/sandbox/content", {"photos": "risky"}),)),
    Switch(
        "恢复正常",
        "取消上面的故障",
        (
            ("DELETE", "/sandbox/faults", {}),
            ("DELETE", "/sandbox/callback-faults", {}),
            ("PUT", "/sandbox/content", {"photos": "pass"}),
        ),
    ),
)

ENDPOINT_NAMES: Mapping[str, str] = {
    "token": "通行证",
    "login": "登录",
    "send": "通知",
    "group": "群消息",
    "phone": "手机号",
    "session": "登录态",
    "text": "文字核对",
    "media": "照片核对",
    "templates": "模板",
    "quota": "额度查询",
    "code": "小程序码",
    "link": "链接",
}
CALLBACK_FAULT_NAMES: Mapping[str, str] = {
    "lost": "丢一个",
    "twice": "来两遍",
    "late": "迟到",
    "reordered": "乱了次序",
    "forged": "伪造一个",
    "old": "旧的",
    "truncated": "只来一半",
}


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
            switches=SWITCHES,
            troubles=_troubles(world.faults.listing()) + _callback_troubles(world.callbacks.faults.listing()),
            unlimited=world.phones.unlimited_grants,
            public_url=public_url,
        )

    return blueprint


def _phone(world: World, summary: dict[str, Any]) -> dict[str, Any]:
    messages = world.phones.messages(summary["slug"])["items"][:SHOWN]
    templates = [
        {"title": one.title, "template_id": one.template_id, "left": summary["grants"].get(one.template_id, 0)}
        for one in world.templates.values()
    ]
    labelled = [_labelled(world, message) for message in messages]
    return {**summary, "part": PARTS.get(summary["slug"]), "templates": templates, "messages": labelled}


def _labelled(world: World, message: dict[str, Any]) -> dict[str, Any]:
    labels = world.templates[message["template_id"]].labels
    return {**message, "lines": [(label, message["values"][key]) for key, label in labels.items()]}


def _group(world: World, summary: dict[str, Any]) -> dict[str, Any]:
    messages = world.groups.messages(summary["slug"])["items"][:SHOWN]
    return {**summary, "messages": [{**message, "html": render(message["content"])} for message in messages]}


def _troubles(faults: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say in words which faults are in force."""
    return [f"{ENDPOINT_NAMES[endpoint]}：{_words(fault)}" for endpoint, fault in faults.items()]


def _callback_troubles(faults: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = {"push": "推送", "pay": "支付通知"}
    return [f"{names[kind]}：{CALLBACK_FAULT_NAMES[fault['name']]}" for kind, fault in faults.items()]


def _words(fault: Mapping[str, Any]) -> str:
    parts = []
    if fault["errcode"]:
        parts.append(f"回答错误码 {fault['errcode']}")
    if fault["http"]:
        parts.append(f"回答 HTTP {fault['http']}")
    if fault["delay"]:
        parts.append(f"晚 {fault['delay']:g} 秒")
    if fault["times"]:
        parts.append(f"还有 {fault['times']} 次")
    return "，".join(parts)
