"""What can be made to go wrong, in words for the page: buttons for the usual, and lists to choose from for everything.

The page sends what is chosen to the control interface; nothing is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.sandbox.faults import ENDPOINTS, PAY_ENDPOINTS

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
    Switch("慢3秒", "每次都晚3秒回答", _everywhere({"delay": 3.0}, (*ENDPOINTS, *PAY_ENDPOINTS))),
    Switch("推送丢一个", "下一个推送送不到", (("PUT", "/sandbox/callback-faults/push", {"fault": "lost"}),)),
    Switch("推送来两遍", "下一个推送送两遍", (("PUT", "/sandbox/callback-faults/push", {"fault": "twice"}),)),
    Switch("伪造推送", "下一个推送的签名是假的", (("PUT", "/sandbox/callback-faults/push", {"fault": "forged"}),)),
    Switch("照片不合适", "微信说后面的照片不合适", (("PUT", "/sandbox/content", {"photos": "risky"}),)),
    Switch("支付繁忙", "微信支付每次都回答“系统错误”", _everywhere({"code": "SYSTEM_ERROR"}, PAY_ENDPOINTS)),
    Switch(
        "办了却说没办",
        "下单、关单、退款其实办了，却回答“系统错误”",
        _everywhere({"code": "SYSTEM_ERROR", "done": True}, ("pay_order", "pay_close", "pay_refund")),
    ),
    Switch("付款通知丢一个", "下个付款或退款通知送不到", (("PUT", "/sandbox/callback-faults/pay", {"fault": "lost"}),)),
    Switch(
        "付款通知来两遍", "下个付款或退款通知送两遍", (("PUT", "/sandbox/callback-faults/pay", {"fault": "twice"}),)
    ),
    Switch(
        "伪造付款通知",
        "下个付款或退款通知签名是假的",
        (("PUT", "/sandbox/callback-faults/pay", {"fault": "forged"}),),
    ),
    Switch("退款退不到", "后面的退款都到不了账", (("PUT", "/sandbox/pay/settings", {"refunds": "ABNORMAL"}),)),
    Switch(
        "发货信息先不收",
        "头两次上传发货信息，说还没有这笔付款",
        _everywhere({"errcode": 10060001, "times": 2}, ("shipping",)),
    ),
    Switch("账单少一行", "后面的账单都漏掉最后一笔", (("PUT", "/sandbox/pay/settings", {"bills": "row_missing"}),)),
    Switch("账单差一分", "后面的账单最后一笔都多一分钱", (("PUT", "/sandbox/pay/settings", {"bills": "amount_off"}),)),
    Switch(
        "恢复正常",
        "取消上面的故障",
        (
            ("DELETE", "/sandbox/faults", {}),
            ("DELETE", "/sandbox/callback-faults", {}),
            ("PUT", "/sandbox/content", {"photos": "pass"}),
            ("PUT", "/sandbox/pay/settings", {"refunds": "SUCCESS", "bills": None}),
        ),
    ),
)

ENDPOINT_NAMES: Mapping[str, str] = {
    "token": "通行证",
    "login": "登录",
    "send": "通知",
    "group": "群消息",
    "enter": "认群",
    "card": "群里的卡片",
    "corp_token": "企业微信通行证",
    "mass": "企业微信群发",
    "phone": "手机号",
    "session": "登录态",
    "text": "文字核对",
    "media": "照片核对",
    "templates": "模板",
    "quota": "额度查询",
    "code": "小程序码",
    "link": "链接",
    "shipping": "发货信息",
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

PAY_NAMES: Mapping[str, str] = {
    "pay_order": "支付下单",
    "pay_query": "支付查单",
    "pay_close": "支付关单",
    "pay_refund": "退款",
    "pay_refund_query": "查退款",
    "pay_bill": "申请账单",
    "pay_download": "下载账单",
    "pay_certificates": "平台证书",
}
PAY_TROUBLES = (
    Trouble("回答“系统错误”", {"code": "SYSTEM_ERROR"}),
    Trouble("办了，却回答“系统错误”", {"code": "SYSTEM_ERROR", "done": True}),
    Trouble("说太频繁了", {"code": "FREQUENCY_LIMITED"}),
    Trouble("说签名不对", {"code": "SIGN_ERROR"}),
    Trouble("说没有开通", {"code": "NO_AUTH"}),
    Trouble("说余额不够", {"code": "NOT_ENOUGH"}),
    Trouble("说银行坏了", {"code": "BANK_ERROR"}),
    Trouble("坏了（HTTP 500）", {"http": 500}),
    Trouble("办了，却断了线（HTTP 502）", {"http": 502, "done": True}),
    Trouble("挤不进去（HTTP 429）", {"http": 429}),
    Trouble("晚3秒回答", {"delay": 3.0}),
    Trouble("卡住一分钟", {"delay": 60.0}),
)
"""What an address of WeChat Pay can do wrong."""
REFUND_WORDS: Mapping[str, str] = {"ABNORMAL": "到不了账", "CLOSED": "都被关闭", "PROCESSING": "一直在路上"}
BILL_WORDS: Mapping[str, str] = {"row_missing": "少一行", "amount_off": "差一分钱", "hash_wrong": "校验值不对"}

CALLBACK_NAMES: Mapping[str, str] = {"push": "推送", "pay": "支付通知", "probe": "支付签名探测"}
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


def in_force(
    faults: Mapping[str, Mapping[str, Any]],
    callbacks: Mapping[str, Mapping[str, Any]],
    payments: Mapping[str, Any],
) -> list[str]:
    """Say in words what goes wrong at present."""
    names = {**ENDPOINT_NAMES, **PAY_NAMES}
    said = [f"{names[endpoint]}：{_words(fault)}" for endpoint, fault in faults.items()]
    said += [f"{CALLBACK_NAMES[kind]}：{CALLBACK_FAULT_NAMES[fault['name']]}" for kind, fault in callbacks.items()]
    if payments["refunds"] in REFUND_WORDS:
        said.append(f"退款：{REFUND_WORDS[payments['refunds']]}")
    if payments["bills"]:
        said.append(f"账单：{BILL_WORDS[payments['bills']]}")
    return said


def _words(fault: Mapping[str, Any]) -> str:
    parts = []
    if fault["errcode"]:
        parts.append(f"回答错误码 {fault['errcode']}")
    if fault["code"]:
        parts.append(f"回答 {fault['code']}")
    if fault["http"]:
        parts.append(f"回答 HTTP {fault['http']}")
    if fault["delay"]:
        parts.append(f"晚 {fault['delay']:g} 秒")
    if fault["done"]:
        parts.append("事情其实办了")
    if fault["times"]:
        parts.append(f"还有 {fault['times']} 次")
    return "，".join(parts)
