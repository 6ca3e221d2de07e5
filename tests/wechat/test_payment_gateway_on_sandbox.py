"""Our own gateway to WeChat Pay against the sandbox, over real HTTP, in both modes and with both kinds of keys."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request

from config import WeChatSettings
from services.errors import CallbackRefused, Misconfigured, Rejected, TryLater
from services.payment_ports import (
    BILL_MISSING,
    NOT_ENOUGH,
    NUMBER_USED,
    ORDER_CLOSED,
    ORDER_MISSING,
    ORDER_PAID,
    BillLineKind,
    Merchant,
    PaymentNotice,
    PaymentRequest,
    RefundRequest,
    RefundState,
    TradeState,
)
from tests.wechat.fakes import serving
from wechat.payments import WeChatPayments
from wechat.sandbox import World, create_sandbox
from wechat.sandbox.pay.merchants import DIRECT_MCHID, PROVIDER_MCHID, SUB_MCHIDS

MODES = [(DIRECT_MCHID, "public_key"), (DIRECT_MCHID, "certificate"), (PROVIDER_MCHID, "public_key")]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Station:
    """Our side: the gateway, a merchant's keys, and an address that believes notices through the gateway."""

    def __init__(self, url: str, world: World, mchid: str, mode: str) -> None:
        self.world, self.url = world, ""
        self.gateway = WeChatPayments(dataclasses.replace(WeChatSettings(), pay_url=url, timeouts=(2.0, 5.0)))
        world.pay.merchants.set_up(mchid, {"notices_signed_by": mode})
        held = world.pay.merchants.get(mchid).material()
        with_public_key = mode == "public_key"
        self.merchant = Merchant(
            mchid=mchid,
            appid=world.appid,
            certificate_serial=held["serial_no"],
            private_key=held["private_key"],
            api_key=held["apiv3_key"],
            public_key_id=held["public_key_id"] if with_public_key else None,
            public_key=held["public_key"] if with_public_key else None,
            sub_mchid=SUB_MCHIDS[0] if mchid == PROVIDER_MCHID else None,
        )
        self.openid = world.phones.put("zhang", "张阿姨")["openid"]
        self.believed: list[PaymentNotice] = []
        self.refused: list[str] = []

    def app(self) -> Flask:
        app = Flask("station")

        @app.post("/notify")
        def notify() -> tuple[str, int]:
            try:
                notice = self.gateway.read_notice(self.merchant, request.headers, request.get_data(), now=now())
            except CallbackRefused as error:
                self.refused.append(error.reason)
                return "", 401
            self.believed.append(notice)
            return "", 204

        return app

    def prepay(self, number: str = "WY20260001", amount: int = 10000, **changes: Any) -> str:
        ends = dt.datetime.fromtimestamp(int(self.world.clock()) + 7200, dt.UTC)
        asked = PaymentRequest(number, amount, "2026年1月物业费", self.openid, f"{self.url}/notify", ends)
        return self.gateway.prepay(self.merchant, dataclasses.replace(asked, **changes))

    def pay(self, number: str = "WY20260001") -> None:
        given = self.gateway.client_parameters(self.merchant, self.prepay(number), now=now())
        sheet = self.world.pay.open_sheet("zhang", dataclasses.asdict(given))
        self.world.pay.tap("zhang", sheet["number"], "pay")

    def refund(self, number: str, fen: int) -> Any:
        asked = RefundRequest(number, "WY20260001", fen, 10000, "多交了", f"{self.url}/notify")
        return self.gateway.refund(self.merchant, asked)

    def bill_day(self) -> dt.date:
        """Let the next day come, and return the day of the payments."""
        day = dt.datetime.fromtimestamp(self.world.clock(), dt.timezone(dt.timedelta(hours=8))).date()
        self.world.clock.step(36 * 3600)
        return day


@pytest.fixture(params=MODES, ids="-".join)
def station(request: pytest.FixtureRequest) -> Iterator[Station]:
    world = World()
    with serving(create_sandbox(world)) as sandbox:
        station = Station(sandbox, world, *request.param)
        with serving(station.app()) as url:
            station.url = url
            yield station


def refusal(station: Station, work: Any) -> str:
    with pytest.raises(Rejected) as error:
        work()
    return error.value.reason


def test_a_payment_is_asked_paid_believed_paid_back_and_found_in_the_bills(station: Station) -> None:
    station.pay()
    station.world.callbacks.run_due()
    said = station.gateway.query(station.merchant, "WY20260001")
    assert (said.state, said.amount, said.openid, said.mchid) == (
        TradeState.PAID, 10000, station.openid, station.merchant.mchid,
    )  # fmt: skip
    assert station.believed[0].transaction == said

    assert station.refund("R1", 2500).state is RefundState.PROCESSING
    station.world.clock.step(4)
    station.world.callbacks.run_due()
    word = station.gateway.query_refund(station.merchant, "R1")
    assert (word.state, word.amount) == (RefundState.SUCCEEDED, 2500)
    heard = station.believed[1].refund
    assert heard is not None
    assert (heard.state, heard.refund_id, heard.at) == (word.state, word.refund_id, word.at)
    assert station.gateway.query(station.merchant, "WY20260001").state is TradeState.REFUNDED

    day = station.bill_day()
    lines = station.gateway.trade_bill(station.merchant, day)
    assert [(line.kind, line.number, line.amount, line.fee) for line in lines] == [
        (BillLineKind.PAYMENT, "WY20260001", 10000, 60),
        (BillLineKind.REFUND, "R1", 2500, -15),
    ]
    if station.merchant.sub_mchid is None:
        flow = station.gateway.fund_flow(station.merchant, day)
        assert (flow.payments, flow.refunds, flow.fees) == (10000, 2500, 45)
    assert station.refused == []


def test_what_is_asked_again_does_no_harm(station: Station) -> None:
    ends = now() + dt.timedelta(hours=2)
    assert station.prepay(expires_at=ends) != station.prepay(expires_at=ends)
    for _ in range(2):
        station.gateway.close(station.merchant, "WY20260001")
    assert station.gateway.query(station.merchant, "WY20260001").state is TradeState.CLOSED


def test_refusals_are_understood(station: Station) -> None:
    gateway, merchant = station.gateway, station.merchant
    assert refusal(station, lambda: gateway.query(merchant, "WY20269999")) == ORDER_MISSING
    station.prepay()
    assert refusal(station, lambda: station.prepay(amount=1)) == NUMBER_USED
    station.prepay("WY20260002")
    gateway.close(merchant, "WY20260002")
    assert refusal(station, lambda: station.prepay("WY20260002")) == ORDER_CLOSED
    station.pay("WY20260003")
    assert refusal(station, lambda: gateway.close(merchant, "WY20260003")) == ORDER_PAID
    assert refusal(station, lambda: station.prepay("WY20260003")) == ORDER_PAID
    assert refusal(station, lambda: gateway.query_refund(merchant, "R9")) == ORDER_MISSING
    yesterday = (now() - dt.timedelta(days=2)).date()
    assert refusal(station, lambda: gateway.trade_bill(merchant, yesterday)) == BILL_MISSING


def test_a_merchant_without_money_says_so(station: Station) -> None:
    station.pay()
    payee = station.merchant.sub_mchid or station.merchant.mchid
    station.world.pay.withdraw(payee, 9000)
    assert refusal(station, lambda: station.refund("R1", 5000)) == NOT_ENOUGH


@pytest.mark.parametrize("fault", ["forged", "old", "truncated"])
def test_a_notice_that_is_not_right_is_refused_and_the_next_try_believed(station: Station, fault: str) -> None:
    station.world.callbacks.faults.put("pay", fault)
    station.pay()
    station.world.callbacks.run_due()
    assert (len(station.refused), station.believed) == (1, [])
    station.world.clock.step(15)
    station.world.callbacks.run_due()
    assert len(station.believed) == 1


def test_probes_are_refused(station: Station) -> None:
    number = station.world.pay.probe(station.merchant.mchid, f"{station.url}/notify")
    station.world.callbacks.run_due()
    assert station.world.callbacks.delivery(number)["state"] == "taken"
    assert station.refused == ["callback_probe"]


def test_a_refund_whose_answer_was_lost_is_the_same_refund_when_asked_again(station: Station) -> None:
    station.pay()
    station.world.faults.put("pay_refund", {"code": "SYSTEM_ERROR", "done": True, "times": 1})
    with pytest.raises(TryLater):
        station.refund("R1", 2500)
    assert station.refund("R1", 2500).amount == 2500
    assert station.world.pay.payments()[0]["refunded"] == 2500


@pytest.mark.parametrize("fault", [{"http": 502}, {"code": "SYSTEM_ERROR"}, {"code": "BANK_ERROR"}])
def test_wechat_pay_in_trouble_is_to_be_asked_later(station: Station, fault: dict[str, Any]) -> None:
    station.world.faults.put("pay_query", fault)
    with pytest.raises(TryLater):
        station.gateway.query(station.merchant, "WY20260001")


def test_a_bill_with_a_wrong_hash_is_not_read(station: Station) -> None:
    station.pay()
    station.world.pay.set_up({"bills": "hash_wrong"})
    day = station.bill_day()
    with pytest.raises(TryLater):
        station.gateway.trade_bill(station.merchant, day)


def test_good_keys_have_no_problems_and_a_wrong_serial_has_one(station: Station) -> None:
    assert station.gateway.problems(station.merchant) == []
    wrong = dataclasses.replace(station.merchant, certificate_serial="0" * 40)
    with pytest.raises(Misconfigured):
        station.gateway.query(wrong, "WY20260001")
    assert "证书序列号" in station.gateway.problems(wrong)[0]
