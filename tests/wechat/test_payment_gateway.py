"""Our side of WeChat Pay against a server that answers as it is told."""

import base64
import datetime as dt
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from flask import Response
from structlog.testing import capture_logs
from wechatpayv3.utils import aes_decrypt, load_private_key, rsa_sign

from config import WeChatSettings
from services.errors import CallbackRefused, Misconfigured, QuotaExceeded, Rejected, TryLater
from services.payment_ports import (
    BILL_MISSING,
    ORDER_MISSING,
    BillLineKind,
    PaymentRequest,
    RefundRequest,
    RefundState,
    TradeState,
)
from tests.wechat.fakes import serving
from tests.wechat.pay_server import PAID, PUBLIC_KEY_ID, PayServer, key, merchant, notice, private_pem, signed
from wechat.payments import WeChatPayments
from wechat.payments.codes import ALL, COMMON
from wechat.payments.gateway import plain

NOW = dt.datetime.now(dt.UTC)
VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
JSAPI = "/v3/pay/transactions/jsapi"
ORDER = "/v3/pay/transactions/out-trade-no/P26112300000001"
REQUEST = PaymentRequest(
    "P26112300000001", 12345, "彩进小区物业费😀", "oZhang", "https://wuyou.example/callbacks/wechat/pay/slug", NOW
)
REFUND = RefundRequest("R26112300000001", "P26112300000001", 345, 12345, "多收了", "https://wuyou.example/n")
BILL = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注\r\n"
    "`2026-11-22 15:00:30,`wx1,`1900009191,`0,`,`4200001,`P1,`oA,`JSAPI,`SUCCESS,`OTHERS,`CNY,`120.00,`3.45,`0,`0,"
    "`0.00,`0.00,`,`,`物业费,含电梯,`,`0.74000,`0.60%,`123.45,`0.00,`\r\n"
    "`2026-11-22 16:00:30,`wx1,`1900009191,`0,`,`4200001,`P1,`oA,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030001,`R1,"
    "`3.45,`0.00,`ORIGINAL,`SUCCESS,`物业费,`,`-0.02000,`0.60%,`0.00,`3.45,`\r\n"
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
    "`2,`120.00,`3.45,`0.00,`0.72000,`123.45,`3.45\r\n"
)


@pytest.fixture
def server() -> Iterator[PayServer]:
    server = PayServer()
    with serving(server.app()) as url:
        server.url = url
        yield server


@pytest.fixture
def pay(server: PayServer) -> WeChatPayments:
    return WeChatPayments(replace(WeChatSettings(), pay_url=server.url, timeouts=(1.0, 2.0)))


def authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    return {name: value.strip('"') for name, _, value in (part.partition("=") for part in rest.split(","))}


def test_a_request_is_signed_over_method_path_time_nonce_and_body(server, pay):
    server.answers[JSAPI] = {"prepay_id": "wx26"}
    assert pay.prepay(merchant(), REQUEST) == "wx26"
    heard = server.heard[0]
    told = authorization(heard.headers["Authorization"])
    message = f"POST\n{JSAPI}\n{told['timestamp']}\n{told['nonce_str']}\n{heard.body.decode()}\n".encode()
    key("merchant").public_key().verify(base64.b64decode(told["signature"]), message, PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key("wechat").public_key().verify(base64.b64decode(told["signature"]), message, PKCS1v15(), hashes.SHA256())
    assert heard.headers["Wechatpay-Serial"] == PUBLIC_KEY_ID


def test_amounts_go_out_in_fen_and_descriptions_without_emoji(server, pay):
    server.answers[JSAPI] = {"prepay_id": "wx26"}
    pay.prepay(merchant(), REQUEST)
    sent = json.loads(server.heard[0].body)
    assert sent["amount"] == {"total": 12345, "currency": "CNY"}
    assert sent["description"] == "彩进小区物业费"
    assert sent["time_expire"].endswith("+08:00")
    assert set(sent) == {
        "appid", "mchid", "description", "out_trade_no", "notify_url", "amount", "payer", "time_expire"
    }  # fmt: skip


@pytest.mark.parametrize(("sub_appid", "payer"), [(None, "sp_openid"), ("wxsub", "sub_openid")])
def test_a_provider_asks_for_its_sub_merchant(server, pay, sub_appid, payer):
    server.answers["/v3/pay/partner/transactions/jsapi"] = {"prepay_id": "wx26"}
    pay.prepay(merchant(sub_mchid="1900000109", sub_appid=sub_appid), REQUEST)
    sent = json.loads(server.heard[0].body)
    assert (sent["sp_mchid"], sent["sub_mchid"], sent["payer"]) == ("1900009191", "1900000109", {payer: "oZhang"})


def test_client_parameters_are_signed_with_the_merchants_key(pay):
    given = pay.client_parameters(merchant(sub_mchid="1", sub_appid="wxsub"), "wx26", now=NOW)
    message = f"wxsub\n{given.timeStamp}\n{given.nonceStr}\nprepay_id=wx26\n".encode()
    key("merchant").public_key().verify(base64.b64decode(given.paySign), message, PKCS1v15(), hashes.SHA256())
    assert (given.package, given.signType) == ("prepay_id=wx26", "RSA")
    assert given.paySign not in repr(given)


def test_the_official_signature_comes_out():
    vector = VECTORS["pay_v3_rsa_sha256_sign_java_sdk"]
    opened = load_private_key(vector["inputs"]["merchant_private_key_pem"])
    # The vector signs the bare message, the library a message with a line end.
    made = base64.b64encode(opened.sign(b"message", PKCS1v15(), hashes.SHA256())).decode()
    assert made == vector["expected"]["signature_base64"]
    assert rsa_sign(opened, "message") == made


def test_the_official_ciphertext_opens():
    vector = VECTORS["pay_v3_aes256gcm_java_sdk"]
    given = vector["inputs"]
    opened = aes_decrypt(given["nonce"], given["ciphertext_base64"], given["associated_data"], given["apiv3_key"])
    assert opened == vector["expected"]["plaintext"]


def test_a_word_on_an_order_is_read(server, pay):
    server.answers[ORDER] = PAID
    word = pay.query(merchant(), "P26112300000001")
    assert (word.state, word.amount, word.currency, word.openid) == (TradeState.PAID, 12345, "CNY", "oZhang")
    assert word.paid_at == dt.datetime(2026, 11, 23, 7, 0, 30, tzinfo=dt.UTC)
    assert server.heard[0].url == f"{ORDER}?mchid=1900009191"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("NOTPAY", TradeState.UNPAID),
        ("CLOSED", TradeState.CLOSED),
        ("REFUND", TradeState.REFUNDED),
        ("USERPAYING", TradeState.UNSURE),
        ("SOMETHING_NEW", TradeState.UNSURE),
    ],
)
def test_every_state_has_a_meaning(server, pay, said, meant):
    server.answers[ORDER] = {**PAID, "trade_state": said}
    assert pay.query(merchant(), "P26112300000001").state is meant


@pytest.mark.parametrize(
    "forged",
    [
        lambda: PayServer.signed(PAID, by="merchant"),
        lambda: PayServer.signed(PAID, at=NOW.timestamp() - 3600),
        lambda: PayServer.signed(PAID, serial="PUB_KEY_ID_of_somebody_else"),
        lambda: Response(json.dumps(PAID), mimetype="application/json"),
        lambda: PayServer.signed(["no", "object"]),
        lambda: PayServer.signed({**PAID, "amount": {"total": "12345"}}),
        lambda: PayServer.signed({**PAID, "success_time": "yesterday"}),
    ],
    ids=["signed by another", "an hour old", "unknown key", "unsigned", "a list", "amount as text", "no time"],
)
def test_an_answer_that_cannot_be_believed_leaves_the_state_unknown(server, pay, forged):
    server.say(ORDER, forged)
    with pytest.raises(TryLater) as caught:
        pay.query(merchant(), "P26112300000001")
    assert caught.value.reason == "wechat_unsure"


@pytest.mark.parametrize(
    ("status", "code", "error", "reason"),
    [
        (404, "ORDER_NOT_EXIST", Rejected, ORDER_MISSING),
        (404, "ORDERNOTEXIST", Rejected, ORDER_MISSING),
        (401, "SIGN_ERROR", Misconfigured, "wechat_misconfigured"),
        (403, "NO_AUTH", Misconfigured, "wechat_misconfigured"),
        (429, "FREQUENCY_LIMITED", QuotaExceeded, "wechat_quota"),
        (429, "SOMETHING_NEW", TryLater, "wechat_busy"),
        (500, "SYSTEM_ERROR", TryLater, "wechat_busy"),
        (400, "SOMETHING_NEW", Rejected, "wechat_rejected"),
    ],
)
def test_codes_are_classed_by_what_can_be_done(server, pay, status, code, error, reason):
    server.refuse(ORDER, status, code)
    with pytest.raises(error) as caught:
        pay.query(merchant(), "P26112300000001")
    assert (type(caught.value), caught.value.reason, caught.value.provider_code) == (error, reason, code)


def test_every_row_of_the_table_has_its_source():
    rows = [*COMMON.values(), *(row for call in ALL for row in call.codes.values())]
    assert all(row.source.startswith("微信支付：") and row.note and row.detail[-1] == "。" for row in rows)


def test_a_failure_is_logged_with_its_request_id_and_without_content(server, pay):
    server.refuse(ORDER, 500, "SYSTEM_ERROR")
    with capture_logs() as logs, pytest.raises(TryLater):
        pay.query(merchant(), "P26112300000001")
    assert logs == [
        {
            "event": "pay.failed",
            "log_level": "warning",
            "call": "query",
            "code": "SYSTEM_ERROR",
            "request_id": "08ABC-268500000",
            "outcome": "wechat_busy",
        }
    ]


def test_a_redirect_is_not_followed(server, pay):
    server.say(ORDER, lambda: Response(status=302, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(Misconfigured):
        pay.query(merchant(), "P26112300000001")
    assert len(server.heard) == 1


def test_nobody_answering_is_worth_another_try():
    pay = WeChatPayments(replace(WeChatSettings(), pay_url="http://127.0.0.1:9", timeouts=(0.2, 0.2)))
    with pytest.raises(TryLater):
        pay.query(merchant(), "P26112300000001")


def test_keys_that_are_none_are_an_operators_business(pay):
    with pytest.raises(Misconfigured):
        pay.query(merchant(private_key="no key"), "P26112300000001")


def test_secrets_do_not_show_in_a_merchant():
    shown = repr(merchant())
    assert private_pem("merchant") not in shown
    assert "0123456789abcdef" not in shown


def test_a_payment_notice_is_read(pay):
    body = notice(PAID)
    told = pay.read_notice(merchant(), signed(body), body, now=NOW)
    assert told.id == "EV-2026112300000001"
    assert told.transaction is not None
    assert told.transaction.transaction_id == "4200001234202611230000000001"


def test_a_refund_notice_is_read(pay):
    resource = {
        "mchid": "1900009191",
        "out_trade_no": "P26112300000001",
        "transaction_id": "4200001234202611230000000001",
        "out_refund_no": "R26112300000001",
        "refund_id": "50300000012026112300000001",
        "refund_status": "SUCCESS",
        "success_time": "2026-11-23T15:00:30+08:00",
        "user_received_account": "支付用户零钱",
        "amount": {"total": 12345, "refund": 345, "payer_total": 12345, "payer_refund": 345},
    }
    body = notice(resource, "REFUND.SUCCESS")
    told = pay.read_notice(merchant(), signed(body), body, now=NOW)
    assert told.refund is not None
    assert (told.refund.state, told.refund.amount) == (RefundState.SUCCEEDED, 345)


GOOD = notice(PAID)


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        (signed(GOOD, by="merchant"), GOOD, "callback_forged"),
        (signed(GOOD), GOOD[:-5], "callback_forged"),
        (signed(GOOD, at=NOW.timestamp() - 301), GOOD, "callback_stale"),
        (signed(GOOD, at=NOW.timestamp() + 301), GOOD, "callback_stale"),
        ({**signed(GOOD), "Wechatpay-Timestamp": "soon"}, GOOD, "callback_stale"),
        ({**signed(GOOD), "Wechatpay-Signature": "WECHATPAY/SIGNTEST/AAAA"}, GOOD, "callback_probe"),
        (signed(GOOD, serial="PUB_KEY_ID_0"), GOOD, "callback_unknown_serial"),
        ({**signed(GOOD), "Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}, GOOD, "callback_wrong_algorithm"),
        ({**signed(GOOD), "Wechatpay-Signature": "ü"}, GOOD, "callback_forged"),
        ({}, GOOD, "callback_stale"),
        (signed(b"{}"), b"{}", "callback_wrong_key"),
        (signed(b"[]"), b"[]", "callback_unreadable"),
        (signed(b"\xff"), b"\xff", "callback_unreadable"),
        (signed(b"x" * 70_000), b"x" * 70_000, "callback_too_large"),
    ],
)
def test_what_is_not_wechats_is_refused_with_a_reason(pay, headers, body, reason):
    with pytest.raises(CallbackRefused) as caught:
        pay.read_notice(merchant(), headers, body, now=NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (notice(PAID, api_key="f" * 32), "callback_wrong_key"),
        (notice(PAID, "COUPON.USE"), "callback_unknown_event"),
        (notice({"out_trade_no": "P1"}), "callback_unreadable"),
    ],
)
def test_a_notice_signed_well_that_is_none_of_ours_is_refused(pay, body, reason):
    with pytest.raises(CallbackRefused) as caught:
        pay.read_notice(merchant(), signed(body), body, now=NOW)
    assert caught.value.reason == reason


def test_without_a_public_key_nothing_is_fetched_before_it_is_needed(server, pay):
    pay.client_parameters(merchant(public_key=None, public_key_id=None), "wx26", now=NOW)
    assert server.heard == []


def test_strangers_serial_numbers_cost_one_look_a_minute(server, pay):
    server.answers["/v3/certificates"] = {"data": []}
    for number in range(5):
        with pytest.raises(CallbackRefused):
            pay.read_notice(merchant(), signed(GOOD, serial=f"{number:040X}"), GOOD, now=NOW)
    assert [heard.url for heard in server.heard] == ["/v3/certificates"]


def announce(server: PayServer, content: bytes, text: bytes | None = None) -> None:
    plain_text = content if text is None else text
    server.answers["/v3/bill/tradebill"] = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(plain_text).hexdigest(),
        "download_url": f"{server.url}/v3/billdownload/file?token=abc",
    }
    server.say("/v3/billdownload/file", lambda: Response(content, mimetype="application/octet-stream"))


def test_a_trade_bill_is_read_by_its_headings(server, pay):
    text = BILL.encode("utf-8-sig")
    announce(server, gzip.compress(text), text)
    lines = pay.trade_bill(merchant(), dt.date(2026, 11, 22))
    assert [(line.kind, line.number, line.amount, line.settled, line.fee) for line in lines] == [
        (BillLineKind.PAYMENT, "P1", 12345, 12000, 74),
        (BillLineKind.REFUND, "R1", 345, 345, -2),
    ]
    assert server.heard[0].url == "/v3/bill/tradebill?bill_date=2026-11-22&bill_type=ALL&tar_type=GZIP"
    assert server.heard[1].url == "/v3/billdownload/file?token=abc"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b"123.45", b"999.99", 1),
        lambda text: gzip.compress(text)[:-9],
    ],
    ids=["another text", "cut off"],
)
def test_a_bill_that_is_not_the_announced_one_is_not_read(server, pay, spoil):
    text = BILL.encode("utf-8-sig")
    announce(server, spoil(text), text)
    with pytest.raises(TryLater):
        pay.trade_bill(merchant(), dt.date(2026, 11, 22))


@pytest.mark.parametrize("change", [("`120.00,", "`120.005,"), ("`JSAPI,", "`JS,`API,"), ("总交易单数", "`总交易单数")])
def test_a_bill_that_cannot_be_read_is_not_guessed(server, pay, change):
    announce(server, BILL.replace(*change, 1).encode())
    with pytest.raises(TryLater):
        pay.trade_bill(merchant(), dt.date(2026, 11, 22))


def test_a_day_without_a_bill_says_so(server, pay):
    server.refuse("/v3/bill/tradebill", 400, "NO_STATEMENT_EXIST")
    with pytest.raises(Rejected) as caught:
        pay.trade_bill(merchant(), dt.date(2026, 11, 22))
    assert caught.value.reason == BILL_MISSING


def test_a_bill_at_another_address_is_not_fetched(server, pay):
    announce(server, BILL.encode())
    server.answers["/v3/bill/tradebill"]["download_url"] = "http://evil.example/v3/billdownload/file?token=abc"
    with pytest.raises(TryLater):
        pay.trade_bill(merchant(), dt.date(2026, 11, 22))
    assert len(server.heard) == 1


def test_a_fund_flow_is_summed(server, pay):
    text = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
        "业务凭证号\r\n"
        "`2026-11-22 15:00:31,`4200001,`1,`交易,`交易,`收入,`120.00,`120.00,`system,`,`4200001\r\n"
        "`2026-11-22 15:00:31,`4200001,`2,`扣除交易手续费,`扣除交易手续费,`支出,`0.74,`119.26,`system,`,`4200001\r\n"
        "`2026-11-22 16:00:31,`5030001,`3,`退款,`退款,`支出,`3.43,`115.83,`1900009191,`,`5030001\r\n"
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`3,`1,`120.00,`2,`4.17\r\n"
    ).encode("utf-8-sig")
    announce(server, text)
    server.answers["/v3/bill/fundflowbill"] = server.answers["/v3/bill/tradebill"]
    flow = pay.fund_flow(merchant(), dt.date(2026, 11, 22))
    assert (flow.payments, flow.refunds, flow.fees, flow.lines) == (12000, 343, 74, 3)


def test_a_refund_is_asked_with_all_it_needs(server, pay):
    server.answers["/v3/refund/domestic/refunds"] = {
        "refund_id": "503",
        "out_refund_no": "R26112300000001",
        "transaction_id": "420",
        "out_trade_no": "P26112300000001",
        "status": "PROCESSING",
        "amount": {"total": 12345, "refund": 345},
    }
    word = pay.refund(merchant(sub_mchid="1900000109"), REFUND)
    assert (word.state, word.refund_id) == (RefundState.PROCESSING, "503")
    sent = json.loads(server.heard[0].body)
    assert sent["amount"] == {"refund": 345, "total": 12345, "currency": "CNY"}
    assert (sent["sub_mchid"], sent["reason"]) == ("1900000109", "多收了")


def test_keys_are_tried_out_on_an_order_that_cannot_be(server, pay):
    assert pay.problems(merchant(api_key="short")) == [
        "APIv3 密钥要正好 32 个字母或数字。请在商户平台“账户中心—API 安全”里重新设置。"
    ]
    assert server.heard == []


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [("物业费", 127, "物业费"), ("a\nb\x00c", 127, "abc"), ("好" * 200, 127, "好" * 127), ("🎉🎉", 127, "")],
)
def test_texts_are_made_plain(text, most, kept):
    assert plain(text, most) == kept
