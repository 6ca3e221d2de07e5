"""What can be made to go wrong, in words for the page: buttons for the usual, and lists to choose from for everything.

The page sends what is chosen to the control interface; nothing is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.sandbox.faults import ENDPOINTS

Call = tuple[str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Switch:
    """A button: its words, what it explains, and the control calls it makes."""

    label: str
    hint: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Trouble:
    """Something that can be chosen: its words, and what is sent to the control interface."""

    label: str
    body: Mapping[str, Any]


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
TROUBLES = (
    Trouble("回答“系统繁忙”", {"errcode": -1}),
    Trouble("说通行证过期了", {"errcode": 42001}),
    Trouble("说通行证不对", {"errcode": 40001}),
    Trouble("说服务器地址不在白名单里", {"errcode": 40164}),
    Trouble("说没有开通这项功能", {"errcode": 48001}),
    Trouble("说今天的次数用完了", {"errcode": 45009}),
    Trouble("说这一分钟太频繁", {"errcode": 45011}),
    Trouble("坏了（HTTP 500）", {"http": 500}),
    Trouble("挤不进去（HTTP 429）", {"http": 429}),
    Trouble("晚3秒回答", {"delay": 3.0}),
    Trouble("卡住一分钟", {"delay": 60.0}),
)
"""What an endpoint of WeChat can do wrong."""

CALLBACK_NAMES: Mapping[str, str] = {"push": "推送", "pay": "支付通知"}
CALLBACK_TROUBLES = (
    Trouble("丢了，送不到", {"fault": "lost"}),
    Trouble("来两遍", {"fault": "twice"}),
    Trouble("晚1分钟到", {"fault": "late", "seconds": 60.0}),
    Trouble("和后一个乱了次序", {"fault": "reordered"}),
    Trouble("签名是假的", {"fault": "forged"}),
    Trouble("是十分钟以前签的", {"fault": "old"}),
    Trouble("只来一半", {"fault": "truncated"}),
)
CALLBACK_FAULT_NAMES: Mapping[str, str] = {trouble.body["fault"]: trouble.label for trouble in CALLBACK_TROUBLES}


def in_force(faults: Mapping[str, Mapping[str, Any]], callbacks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say in words what goes wrong at present."""
    said = [f"{ENDPOINT_NAMES[endpoint]}：{_words(fault)}" for endpoint, fault in faults.items()]
    return said + [
        f"{CALLBACK_NAMES[kind]}：{CALLBACK_FAULT_NAMES[fault['name']]}" for kind, fault in callbacks.items()
    ]


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
