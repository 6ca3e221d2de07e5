"""Bills of the simulated WeChat Pay, read here by hand: by name of column, behind backticks, in yuan."""

import gzip
import hashlib
from decimal import Decimal
from typing import Any

import pytest

from tests.wechat.shops import SUB, Shop, problem
from wechat.sandbox.pay.merchants import DIRECT_MCHID, PROVIDER_MCHID, SUB_MCHIDS

DAY = "2026-11-23"
HOUR = 3600
TO_TEN = 19 * HOUR  # from 15:00:30 to the next day, 10:00:30


@pytest.fixture
def shop() -> Shop:
    return Shop()


def bill(shop: Shop, target: str) -> bytes:
    """Apply for a bill, fetch it, check its hash."""
    offered = shop.ask("GET", target)
    assert offered.status_code == 200, offered.text
    offer = offered.get_json()
    content = fetch(shop, offer)
    if "tar_type=GZIP" in target:
        content = gzip.decompress(content)
    assert (offer["hash_type"], offer["hash_value"]) == ("SHA1", hashlib.sha1(content).hexdigest())
    return content


def fetch(shop: Shop, offer: dict[str, str]) -> bytes:
    link = offer["download_url"].removeprefix("http://localhost")
    answer = shop.http.get(link, headers=shop.headers("GET", link, b""))
    assert answer.status_code == 200
    assert "Wechatpay-Signature" not in answer.headers
    return bytes(answer.data)


def read(content: bytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return rows and sums."""
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf")
    assert text.endswith("\r\n")
    lines = [line.split(",`") for line in text.removesuffix("\r\n").split("\r\n")]
    names, sum_names = lines[0][0].split(","), lines[-2][0].split(",")
    rows = [dict(zip(names, [line[0].removeprefix("`"), *line[1:]], strict=True)) for line in lines[1:-2]]
    return rows, dict(zip(sum_names, [lines[-1][0].removeprefix("`"), *lines[-1][1:]], strict=True))


def trade(shop: Shop, more: str = "", kind: str = "ALL") -> tuple[list[dict[str, str]], dict[str, str]]:
    return read(bill(shop, f"/v3/bill/tradebill?bill_date={DAY}&bill_type={kind}{more}"))


def paid_and_partly_back(shop: Shop) -> Shop:
    shop.paid(description="物业费,含电梯\n一季度")
    shop.refund("R-1", 2500)
    shop.world.clock.step(TO_TEN)
    return shop


@pytest.mark.parametrize("packed", ["", "&tar_type=GZIP"])
def test_a_trade_bill_has_payments_refunds_and_their_sums(shop: Shop, packed: str) -> None:
    rows, sums = trade(paid_and_partly_back(shop), packed)
    payment, refund = rows
    assert (payment["交易状态"], payment["订单金额"], payment["手续费"]) == ("SUCCESS", "100.00", "0.60000")
    assert (payment["商户订单号"], payment["微信退款单号"], payment["特约商户号"]) == ("WY-2026-0001", "0", "0")
    assert payment["商品名称"] == "物业费,含电梯\\n一季度"
    assert (refund["交易状态"], refund["申请退款金额"], refund["手续费"]) == ("REFUND", "25.00", "-0.15000")
    assert (refund["商户退款单号"], refund["退款状态"]) == ("R-1", "SUCCESS")
    assert len(payment) == 27
    assert (sums["总交易单数"], sums["订单总金额"], sums["申请退款总金额"], sums["手续费总金额"]) == (
        "2.0", "100.00", "25.00", "0.45",
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "columns", "rows"), [("ALL", 27, 2), ("SUCCESS", 20, 1), ("REFUND", 29, 1)])
def test_each_kind_of_trade_bill_has_its_columns(shop: Shop, kind: str, columns: int, rows: int) -> None:
    found, sums = trade(paid_and_partly_back(shop), kind=kind)
    assert [len(row) for row in found] == [columns] * rows
    assert len(sums) == (4 if kind == "SUCCESS" else 7)


def test_the_fund_flow_adds_up_to_the_balance(shop: Shop) -> None:
    rows, sums = read(bill(paid_and_partly_back(shop), f"/v3/bill/fundflowbill?bill_date={DAY}&tar_type=GZIP"))
    assert [(row["业务类型"], row["收支类型"], row["收支金额(元)"]) for row in rows] == [
        ("交易", "收入", "100.00"),
        ("扣除交易手续费", "支出", "0.60"),
        ("退回交易手续费", "收入", "0.15"),
        ("退款", "支出", "25.00"),
    ]
    assert rows[-1]["账户结余(元)"] == "74.55"
    assert Decimal(sums["收入金额"]) - Decimal(sums["支出金额"]) == Decimal("74.55")
    assert (sums["资金流水总笔数"], sums["收入笔数"], sums["支出笔数"]) == ("4", "2", "2")


def test_a_provider_sees_all_its_sub_merchants_or_one() -> None:
    provider = Shop(PROVIDER_MCHID)
    provider.paid()
    sheet = provider.sheet(provider.prepay("WY-2026-0002", sub_mchid=SUB_MCHIDS[1])).get_json()
    provider.tap(sheet["number"], "pay")
    provider.world.clock.step(TO_TEN)
    assert [row["特约商户号"] for row in trade(provider)[0]] == list(SUB_MCHIDS)
    assert [row["特约商户号"] for row in trade(provider, f"&sub_mchid={SUB}")[0]] == [SUB]
    nothing = provider.ask("GET", f"/v3/bill/fundflowbill?bill_date={DAY}")
    assert problem(nothing) == (400, "NO_STATEMENT_EXIST")


def test_another_merchants_payments_are_not_in_the_bill(shop: Shop) -> None:
    Shop(PROVIDER_MCHID, clock=shop.clock, world=shop.world).paid()
    shop.world.clock.step(TO_TEN)
    assert problem(shop.ask("GET", f"/v3/bill/tradebill?bill_date={DAY}")) == (400, "NO_STATEMENT_EXIST")


def test_a_bill_is_there_from_ten_the_next_day_for_three_months(shop: Shop) -> None:
    shop.paid()
    target = f"/v3/bill/tradebill?bill_date={DAY}"
    shop.world.clock.step(TO_TEN - 31)
    assert problem(shop.ask("GET", target)) == (400, "NO_STATEMENT_EXIST")
    shop.world.clock.step(1)
    assert shop.ask("GET", target).status_code == 200
    shop.world.clock.step(92 * 24 * HOUR)
    assert problem(shop.ask("GET", target)) == (400, "INVALID_REQUEST")


def test_a_day_without_payments_has_no_bill(shop: Shop) -> None:
    shop.world.clock.step(TO_TEN)
    assert problem(shop.ask("GET", f"/v3/bill/tradebill?bill_date={DAY}")) == (400, "NO_STATEMENT_EXIST")


def test_a_day_is_beijings(shop: Shop) -> None:
    shop.world.clock.step(9 * HOUR)  # 00:00:30 on the 24th in Beijing, still the 23rd in UTC
    shop.paid()
    shop.world.clock.step(34 * HOUR)
    assert problem(shop.ask("GET", f"/v3/bill/tradebill?bill_date={DAY}")) == (400, "NO_STATEMENT_EXIST")
    assert shop.ask("GET", "/v3/bill/tradebill?bill_date=2026-11-24").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "tradebill?bill_date=",
        "tradebill",
        "tradebill?bill_date=20261123",
        "tradebill?bill_date=2026-02-30",
        f"tradebill?bill_date={DAY}&bill_type=SOME",
        f"tradebill?bill_date={DAY}&tar_type=ZIP",
        f"fundflowbill?bill_date={DAY}&account_type=ALL",
        f"tradebill?bill_date={DAY}&sub_mchid={SUB}",
    ],
)
def test_a_wrong_application_is_refused(shop: Shop, query: str) -> None:
    assert problem(paid_and_partly_back(shop).ask("GET", f"/v3/bill/{query}")) == (400, "PARAM_ERROR")


def test_a_link_lives_five_minutes_and_only_for_its_merchant(shop: Shop) -> None:
    paid_and_partly_back(shop)
    offer = shop.ask("GET", f"/v3/bill/tradebill?bill_date={DAY}").get_json()
    link = offer["download_url"].removeprefix("http://localhost")
    other = Shop(PROVIDER_MCHID, clock=shop.clock, world=shop.world)
    assert problem(other.ask("GET", link)) == (400, "INVALID_REQUEST")
    assert problem(shop.ask("GET", "/v3/billdownload/file?token=x")) == (400, "INVALID_REQUEST")
    assert shop.http.get(link, headers={"Accept": "*/*"}).status_code == 401
    shop.world.clock.step(300)
    fetch(shop, offer)
    shop.world.clock.step(1)
    assert problem(shop.ask("GET", link)) == (400, "INVALID_REQUEST")


def ordered(shop: Shop, fault: str) -> Any:
    return shop.http.put("/sandbox/pay/settings", json={"bills": fault})


def test_a_row_can_be_missing(shop: Shop) -> None:
    paid_and_partly_back(shop)
    ordered(shop, "row_missing")
    assert [row["交易状态"] for row in trade(shop)[0]] == ["SUCCESS"]


def test_an_amount_can_be_off_by_a_fen(shop: Shop) -> None:
    paid_and_partly_back(shop)
    ordered(shop, "amount_off")
    assert trade(shop)[0][-1]["申请退款金额"] == "25.01"
    assert read(bill(shop, f"/v3/bill/fundflowbill?bill_date={DAY}"))[0][-1]["收支金额(元)"] == "25.01"


def test_a_hash_can_be_wrong(shop: Shop) -> None:
    paid_and_partly_back(shop)
    ordered(shop, "hash_wrong")
    offer = shop.ask("GET", f"/v3/bill/tradebill?bill_date={DAY}").get_json()
    assert offer["hash_value"] != hashlib.sha1(fetch(shop, offer)).hexdigest()


@pytest.mark.parametrize(("status", "word"), [("PROCESSING", "PROCESSING"), ("CLOSED", "FAIL"), ("ABNORMAL", "CHANGE")])
def test_a_refund_that_did_not_arrive_says_so(shop: Shop, status: str, word: str) -> None:
    shop.world.pay.set_up({"refunds": status})
    assert trade(paid_and_partly_back(shop))[0][1]["退款状态"] == word


def test_the_direct_merchant_is_named_in_each_row(shop: Shop) -> None:
    assert {row["商户号"] for row in trade(paid_and_partly_back(shop))[0]} == {DIRECT_MCHID}
