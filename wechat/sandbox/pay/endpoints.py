"""The addresses of api.mch.weixin.qq.com: every request is signed, and so is every answer but a bill."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request

from wechat.sandbox.faults import HttpFault
from wechat.sandbox.pay.desk import PayDesk
from wechat.sandbox.pay.merchants import Merchant
from wechat.sandbox.pay.signing import (
    Asked,
    answering_key,
    check_wanted_serial,
    dumped,
    request_id,
    signature_headers,
)
from wechat.sandbox.pay_refusal import PayRefusal

Json = dict[str, Any]
Enter = Callable[[str], Exception | None]
"""Counts a call to an endpoint and lets its fault happen; what it returns is to be answered after the deed."""
Serve = Callable[[str, Callable[[Merchant], Json | bytes | None]], Response]


def pay_endpoints(desk: PayDesk, enter: Enter) -> Blueprint:
    """Return the blueprint of WeChat Pay."""
    blueprint = Blueprint("pay", __name__)

    def serve(endpoint: str, work: Callable[[Merchant], Json | bytes | None]) -> Response:
        late_trouble = enter(endpoint)
        asked = Asked(request.method, _target(), request.get_data(), request.headers)
        merchant = g.merchant = desk.gate.check(asked)
        check_wanted_serial(desk.merchants, merchant, request.headers.get("Wechatpay-Serial", ""))
        done = work(merchant)
        if late_trouble is not None:
            raise late_trouble
        if isinstance(done, bytes):
            return Response(done, mimetype="application/octet-stream", headers={"Request-ID": request_id(0)})
        return _signed(desk, b"" if done is None else dumped(done), 204 if done is None else 200)

    @blueprint.errorhandler(PayRefusal)
    def refused(refusal: PayRefusal) -> Response:
        return _signed(desk, dumped(refusal.body()), refusal.status, refusal.number)

    @blueprint.errorhandler(HttpFault)
    def broken(fault: HttpFault) -> Response:
        return Response("sandbox fault", fault.status, mimetype="text/plain", headers={"Request-ID": request_id(0)})

    _add_orders(blueprint, desk, serve, "/v3/pay/transactions", partner=False)
    _add_orders(blueprint, desk, serve, "/v3/pay/partner/transactions", partner=True)
    _add_refunds(blueprint, desk, serve)
    _add_bills(blueprint, desk, serve)
    return blueprint


def _add_orders(blueprint: Blueprint, desk: PayDesk, serve: Serve, base: str, *, partner: bool) -> None:
    mode = "partner" if partner else "direct"

    @blueprint.post(f"{base}/jsapi", endpoint=f"{mode}_prepay")
    def prepay() -> Response:
        return serve("pay_order", lambda merchant: desk.prepay(merchant, request.get_data(), partner=partner))

    @blueprint.get(f"{base}/out-trade-no/<number>", endpoint=f"{mode}_query")
    def query(number: str) -> Response:
        return serve("pay_query", lambda merchant: desk.query(merchant, request.args, partner=partner, number=number))

    @blueprint.get(f"{base}/id/<number>", endpoint=f"{mode}_query_by_id")
    def query_by_id(number: str) -> Response:
        return serve(
            "pay_query", lambda merchant: desk.query(merchant, request.args, partner=partner, transaction_id=number)
        )

    @blueprint.post(f"{base}/out-trade-no/<number>/close", endpoint=f"{mode}_close")
    def close(number: str) -> Response:
        return serve("pay_close", lambda merchant: desk.close(merchant, number, request.get_data(), partner=partner))


def _add_refunds(blueprint: Blueprint, desk: PayDesk, serve: Serve) -> None:
    base = "/v3/refund/domestic/refunds"

    @blueprint.post(base)
    def refund() -> Response:
        return serve("pay_refund", lambda merchant: desk.refund(merchant, request.get_data()))

    @blueprint.get(f"{base}/<number>")
    def query_refund(number: str) -> Response:
        return serve("pay_refund_query", lambda merchant: desk.query_refund(merchant, number, request.args))

    @blueprint.post(f"{base}/<number>/apply-abnormal-refund")
    def retry_refund(number: str) -> Response:
        return serve("pay_refund", lambda merchant: desk.retry_refund(merchant, number, request.get_data()))


def _add_bills(blueprint: Blueprint, desk: PayDesk, serve: Serve) -> None:
    def linked(bill: Json) -> Json:
        return {**bill, "download_url": f"{request.host_url.rstrip('/')}{bill['download_url']}"}

    @blueprint.get("/v3/bill/tradebill")
    def trade_bill() -> Response:
        return serve("pay_bill", lambda merchant: linked(desk.trade_bill(merchant, request.args)))

    @blueprint.get("/v3/bill/fundflowbill")
    def fund_flow_bill() -> Response:
        return serve("pay_bill", lambda merchant: linked(desk.fund_flow_bill(merchant, request.args)))

    @blueprint.get("/v3/billdownload/file")
    def bill() -> Response:
        return serve("pay_download", lambda merchant: desk.bill(merchant, request.args.get("token", "")))

    @blueprint.get("/v3/certificates")
    def certificates() -> Response:
        return serve("pay_certificates", desk.certificates)


def _target() -> str:
    """Return path and query byte for byte as they came: they are part of what was signed."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    return request.full_path.rstrip("?")


def _signed(desk: PayDesk, body: bytes, status: int, number: int = 0) -> Response:
    wanted = request.headers.get("Wechatpay-Serial", "")
    pair, serial = answering_key(desk.merchants, g.get("merchant"), wanted)
    headers = signature_headers(pair, serial, body, desk.true_time()) | {"Request-ID": request_id(number)}
    return Response(body, status, mimetype="application/json", headers=headers)
