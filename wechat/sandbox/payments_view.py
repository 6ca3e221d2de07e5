"""Payments in words for the page: the sheets that wait on a phone, and the list of what was paid and paid back."""

from collections.abc import Mapping
from typing import Any

from wechat.sandbox.world import World

Json = dict[str, Any]

STATES: Mapping[str, str] = {
    "NOTPAY": "还没付",
    "USERPAYING": "正在付",
    "PAYERROR": "没付成",
    "SUCCESS": "付好了",
    "REFUND": "付好了，有退款",
    "CLOSED": "关闭了，不用付",
}
REFUND_STATES: Mapping[str, str] = {
    "PROCESSING": "正在退",
    "SUCCESS": "退到了",
    "CLOSED": "没有退",
    "ABNORMAL": "退不到，要商户处理",
}
DELIVERIES: Mapping[str, str] = {"waiting": "正在送", "taken": "收到了", "lost": "丢了", "given_up": "没有送到"}


def sheets(world: World, slug: str) -> list[Json]:
    """Return what waits to be paid on a phone."""
    return [{**sheet, "yuan": yuan(sheet["amount"])} for sheet in world.pay.sheets(slug)]


def listed(world: World, most: int) -> list[Json]:
    """Return so many orders, newest first, each with its refunds and with what became of the notices."""
    names = {phone["openid"]: phone["name"] for phone in world.phones.summaries()}
    # The newest notice of an order is the one that counts; the list has the newest first.
    notices = {one["about"]: one for one in reversed(world.callbacks.deliveries("pay"))}
    return [_order(world, order, names, notices) for order in world.pay.payments(most)]


def yuan(fen: int) -> str:
    """Return an amount as a payer reads it."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _order(world: World, order: Json, names: Mapping[str, str], notices: Mapping[str, Json]) -> Json:
    number, mchid = order["out_trade_no"], order.get("sp_mchid") or order["mchid"]
    return {
        "number": number,
        "payer": names.get(order["openid"], "一部已经没有的手机"),
        "payee": order["payee"],
        "description": order["description"],
        "yuan": yuan(order["amount"]["total"]),
        "state": STATES[order["trade_state"]],
        "at": order.get("success_time", order["made_at"]),
        "notice": _notice(notices.get(f"支付 {mchid} {number}")),
        "shipped": _shipped(world, order),
        "refunds": [_refund(refund, mchid, notices) for refund in order["refunds"]],
    }


def _refund(refund: Json, mchid: str, notices: Mapping[str, Json]) -> Json:
    return {
        "refund_id": refund["refund_id"],
        "yuan": yuan(refund["amount"]["refund"]),
        "state": REFUND_STATES[refund["status"]],
        "open": refund["status"] == "PROCESSING",
        "notice": _notice(notices.get(f"退款 {mchid} {refund['out_refund_no']}")),
    }


def _shipped(world: World, order: Json) -> str | None:
    """Say what the merchant reported as given for a payment."""
    shipped = world.shipping.of(order.get("transaction_id", ""))
    return None if shipped is None else f"{shipped.words}（传了{shipped.times}次）"


def _notice(delivery: Json | None) -> Json | None:
    return {"number": delivery["number"], "state": DELIVERIES[delivery["state"]]} if delivery else None
