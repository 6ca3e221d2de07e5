"""WeChat's own addresses for shipping information (小程序文档：小程序发货信息管理服务)."""

from typing import Any

from flask import Blueprint, request

from wechat.sandbox.more_endpoints import wechat_body
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.world import World

Json = dict[str, Any]


def add_shipping(blueprint: Blueprint, world: World) -> None:
    """Add WeChat's own addresses for shipping information."""
    shipping = world.shipping

    @blueprint.post("/wxa/sec/order/upload_shipping_info")
    def upload_shipping_info() -> Json:
        _enter(world)
        shipping.upload(wechat_body())
        return {"errcode": 0, "errmsg": "ok"}

    @blueprint.post("/wxa/sec/order/get_order")
    def get_order() -> Json:
        _enter(world)
        return {"errcode": 0, "errmsg": "ok", "order": shipping.view(wechat_body())}

    @blueprint.post("/wxa/sec/order/is_trade_managed")
    def is_trade_managed() -> Json:
        _enter(world)
        if wechat_body().get("appid") != world.appid:
            raise Refusal(40013, "invalid appid")
        return {"errcode": 0, "errmsg": "ok", "is_trade_managed": shipping.is_managed}


def _enter(world: World) -> None:
    world.enter("shipping")
    world.tokens.check(request.args.get("access_token", ""))
