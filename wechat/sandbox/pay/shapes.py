"""What a request may carry, field by field (微信支付文档「JSAPI下单」「关闭订单」「申请退款」「发起异常退款」).

Unknown fields, nulls and characters of four bytes are refused, as WeChat does.
"""

import datetime as dt
import json
import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from wechat.sandbox.pay_refusal import PayRefusal

Json = dict[str, Any]

UNKNOWN_FIELD = 270924358
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
LAST_OF_THREE_BYTES = "\uffff"
AMOUNT_MOST = 10**10  # fen; our own guard, the documents name no limit

Field = fields.Field[Any]


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class _Moment(fields.String):
    """A moment as RFC 3339 writes it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return dt.datetime.fromisoformat(text if MOMENT.fullmatch(text) else "")
        except ValueError as error:
            raise ValidationError("Not a moment of RFC 3339.") from error


def _text(most: int, *, least: int = 1, pattern: str | None = None, required: bool = False) -> Field:
    checks = [Length(least, most), *([Regexp(rf"{pattern}\Z", re.ASCII)] if pattern else [])]
    return fields.String(required=required, validate=checks)


def _whole(*, least: int = 1, required: bool = False) -> Field:
    return fields.Integer(strict=True, required=required, validate=Range(least, AMOUNT_MOST))


def _inside(schema: type[Schema], *, required: bool = False) -> Field:
    return fields.Nested(schema, required=required)


def _flag() -> Field:
    return fields.Boolean(truthy={True}, falsy={False})


def _address() -> Field:
    return _text(255, pattern=r"https?://[^\s?#/]+/[^\s?#]*", required=True)


class _Goods(_Strict):
    merchant_goods_id = _text(32, required=True)
    wechatpay_goods_id = _text(32)
    goods_name = _text(256)
    quantity = _whole(required=True)
    unit_price = _whole(least=0, required=True)


class _Detail(_Strict):
    cost_price = _whole(least=0)
    invoice_id = _text(32)
    goods_detail = fields.List(_inside(_Goods), validate=Length(1, 6000))


class _Store(_Strict):
    id = _text(32, required=True)
    name = _text(256)
    area_code = _text(32)
    address = _text(512)


class _Scene(_Strict):
    payer_client_ip = _text(45, required=True)
    device_id = _text(32)
    store_info = _inside(_Store)


class _Settlement(_Strict):
    profit_sharing = _flag()


class _OrderAmount(_Strict):
    total = _whole(required=True)
    currency = fields.String(validate=OneOf(["CNY"]))


class _Payer(_Strict):
    openid = _text(128, required=True)


class _PartnerPayer(_Strict):
    sp_openid = _text(128)
    sub_openid = _text(128)


class _Order(_Strict):
    description = _text(127, required=True)
    out_trade_no = _text(32, least=6, pattern=r"[0-9A-Za-z_\-|*]+", required=True)
    notify_url = _address()
    amount = _inside(_OrderAmount, required=True)
    time_expire = _Moment()
    attach = _text(128, least=0)
    goods_tag = _text(32)
    support_fapiao = _flag()
    detail = _inside(_Detail)
    scene_info = _inside(_Scene)
    settle_info = _inside(_Settlement)
    limit_pay = fields.List(_text(32))


class _DirectOrder(_Order):
    appid = _text(32, required=True)
    mchid = _text(32, required=True)
    payer = _inside(_Payer, required=True)


class _PartnerOrder(_Order):
    sp_appid = _text(32, required=True)
    sp_mchid = _text(32, required=True)
    sub_appid = _text(32)
    sub_mchid = _text(32, required=True)
    payer = _inside(_PartnerPayer, required=True)


class _DirectClose(_Strict):
    mchid = _text(32, required=True)


class _PartnerClose(_Strict):
    sp_mchid = _text(32, required=True)
    sub_mchid = _text(32, required=True)


class _Source(_Strict):
    account = fields.String(required=True, validate=OneOf(["AVAILABLE", "UNAVAILABLE"]))
    amount = _whole(required=True)


class _RefundAmount(_Strict):
    refund = _whole(required=True)
    total = _whole(required=True)
    currency = fields.String(required=True, validate=OneOf(["CNY"]))
    from_ = fields.List(_inside(_Source), data_key="from")


class _RefundGoods(_Strict):
    merchant_goods_id = _text(32, required=True)
    wechatpay_goods_id = _text(32)
    goods_name = _text(256)
    unit_price = _whole(least=0, required=True)
    refund_amount = _whole(least=0, required=True)
    refund_quantity = _whole(required=True)


class _Refund(_Strict):
    sub_mchid = _text(32)
    transaction_id = _text(32)
    out_trade_no = _text(32, least=6)
    out_refund_no = _text(64, pattern=r"[0-9A-Za-z_\-|*@]+", required=True)
    reason = _text(80)
    notify_url = _text(255, pattern=r"https?://[^\s?#/]+/[^\s?#]*")
    funds_account = fields.String(validate=OneOf(["AVAILABLE", "UNSETTLED"]))
    amount = _inside(_RefundAmount, required=True)
    goods_detail = fields.List(_inside(_RefundGoods), validate=Length(1, 6000))


class _AbnormalRefund(_Strict):
    sub_mchid = _text(32)
    out_refund_no = _text(64, required=True)
    type = fields.String(required=True, validate=OneOf(["USER_BANK_CARD", "MERCHANT_BANK_CARD"]))
    bank_type = _text(16)
    bank_account = _text(1024)
    real_name = _text(1024)


DIRECT_ORDER = _DirectOrder()
PARTNER_ORDER = _PartnerOrder()
DIRECT_CLOSE = _DirectClose()
PARTNER_CLOSE = _PartnerClose()
REFUND = _Refund()
ABNORMAL_REFUND = _AbnormalRefund()


def read(raw: bytes, schema: Schema) -> tuple[Json, Json]:
    """Return the body of a request as it was sent, and with its moments read.

    Raises the ``PayRefusal`` PARAM_ERROR that names the first field which is wrong.
    """
    try:
        sent = json.loads(raw.decode())
        # Half of a surrogate pair is no character, and cannot be encoded.
        text = json.dumps(sent, ensure_ascii=False).encode().decode()
    except (ValueError, RecursionError) as error:
        raise PayRefusal("PARAM_ERROR", "无法将输入源映射为JSON对象") from error
    if not isinstance(sent, dict):
        raise PayRefusal("PARAM_ERROR", "无法将输入源映射为JSON对象")
    if any(character > LAST_OF_THREE_BYTES for character in text):
        raise PayRefusal("PARAM_ERROR", "请求中含有特殊字符，只支持1到3个字节的UTF-8字符")
    try:
        return sent, schema.load(sent)
    except ValidationError as error:
        field, issue = _first(error.messages)
        number = UNKNOWN_FIELD if issue == "Unknown field." else None
        raise PayRefusal(
            "PARAM_ERROR", number=number, detail={"field": field, "issue": issue, "location": "body"}
        ) from error


def _first(messages: Any) -> tuple[str, str]:
    """Return the path of the first wrong field and what is wrong with it."""
    path = ""
    while isinstance(messages, dict):
        name, messages = next(iter(messages.items()))
        path += f"/{name}"
    return path, str(messages[0] if isinstance(messages, list) else messages)
