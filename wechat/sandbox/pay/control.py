"""The control interface of payments: what merchants hold, what phones pay, what goes wrong (``/sandbox/pay``)."""

from typing import Any

from flask import Blueprint

from wechat.sandbox.asked import amount, body, text
from wechat.sandbox.pay.desk import PayDesk

Json = dict[str, Any]


def add_payments(blueprint: Blueprint, desk: PayDesk) -> None:
    """Add every route about payments."""
    _add_phones(blueprint, desk)
    _add_merchants(blueprint, desk)

    @blueprint.get("/pay/payments")
    def list_payments() -> Json:
        return {"items": desk.payments()}

    @blueprint.post("/pay/refunds/<refund_id>/settle")
    def settle_refund(refund_id: str) -> Json:
        return desk.settle_refund(refund_id, text(body(), "status"))

    @blueprint.get("/pay/settings")
    def read_pay_settings() -> Json:
        return desk.settings()

    @blueprint.put("/pay/settings")
    def put_pay_settings() -> Json:
        return desk.set_up(body())


def _add_phones(blueprint: Blueprint, desk: PayDesk) -> None:
    @blueprint.post("/phones/<slug>/payments")
    def request_payment(slug: str) -> Json:
        return desk.open_sheet(slug, body())

    @blueprint.get("/phones/<slug>/payments")
    def waiting_payments(slug: str) -> Json:
        return {"items": desk.sheets(slug)}

    @blueprint.get("/phones/<slug>/payments/<int:number>")
    def one_payment(slug: str, number: int) -> Json:
        return desk.sheet(slug, number)

    @blueprint.post("/phones/<slug>/payments/<int:number>/<tap>")
    def tap(slug: str, number: int, tap: str) -> Json:
        return desk.tap(slug, number, tap)


def _add_merchants(blueprint: Blueprint, desk: PayDesk) -> None:
    merchants = desk.merchants

    @blueprint.get("/pay/merchants")
    def list_merchants() -> Json:
        return {"items": [merchant.material() for merchant in merchants.by_mchid.values()]}

    @blueprint.get("/pay/merchants/<mchid>")
    def one_merchant(mchid: str) -> Json:
        return merchants.get(mchid).material()

    @blueprint.put("/pay/merchants/<mchid>")
    def put_merchant(mchid: str) -> Json:
        return merchants.set_up(mchid, body())

    @blueprint.post("/pay/certificates/rotate")
    def rotate() -> Json:
        return {"serial_no": merchants.rotate()}

    @blueprint.post("/pay/merchants/<mchid>/withdraw")
    def withdraw(mchid: str) -> Json:
        return desk.withdraw(mchid, int(amount(body(), "amount")))

    @blueprint.post("/pay/merchants/<mchid>/probe")
    def probe(mchid: str) -> Json:
        return {"delivery": desk.probe(mchid, text(body(), "url"))}
