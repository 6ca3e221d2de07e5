"""``wx.requestPayment`` on a simulated phone: what is checked, what is shown, and what a tap does."""

import pytest

from tests.wechat.shops import Shop
from wechat.sandbox.pay.merchants import PROVIDER_APPID, PROVIDER_MCHID


@pytest.fixture
def shop() -> Shop:
    return Shop()


def refusal(shop: Shop, **changes: str) -> str:
    answer = shop.sheet(shop.prepay(), **changes)
    assert answer.status_code == 400
    return str(answer.get_json()["error"])


def test_the_sheet_shows_payee_amount_and_what_for(shop: Shop) -> None:
    sheet = shop.sheet(shop.prepay()).get_json()
    assert sheet["payee"] == "五有演示小区"
    assert (sheet["amount"], sheet["description"]) == (10000, "2026年1月物业费")
    assert shop.http.get("/sandbox/phones/zhang/payments").get_json() == {"items": [sheet]}


def test_the_sheet_of_a_provider_names_the_neighborhood() -> None:
    provider = Shop(PROVIDER_MCHID)
    assert provider.sheet(provider.prepay()).get_json()["payee"] == "演示一号小区业主委员会"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paySign": "AAAA"}, "支付验证签名失败"),
        ({"timeStamp": "1"}, "支付验证签名失败"),
        ({"nonceStr": "other"}, "支付验证签名失败"),
        ({"signType": "MD5"}, "signType"),
        ({"package": "prepay_id=wx0"}, "prepay_id"),
        ({"package": "prepay=1"}, "prepay_id"),
        ({"paySign": ""}, "parameter error"),
    ],
)
def test_a_wrong_parameter_opens_no_sheet(shop: Shop, changes: dict[str, str], said: str) -> None:
    assert said in refusal(shop, **changes)
    assert shop.world.pay.sheets("zhang") == []


def test_a_signature_of_another_merchant_opens_no_sheet(shop: Shop) -> None:
    other = Shop(PROVIDER_MCHID, clock=shop.clock, world=shop.world)
    assert other.sheet(shop.prepay()).status_code == 400


def test_the_signature_is_made_with_the_appid_of_the_mini_program() -> None:
    provider = Shop(PROVIDER_MCHID)
    prepay_id = provider.prepay(
        sp_appid=PROVIDER_APPID, sub_appid=provider.world.appid, payer={"sub_openid": provider.openid}
    )
    assert provider.sheet(prepay_id).status_code == 200


def test_nobody_pays_with_another_persons_prepay_id(shop: Shop) -> None:
    shop.world.phones.put("li", "李")
    answer = shop.http.post("/sandbox/phones/li/payments", json=shop.payment(shop.prepay()))
    assert answer.status_code == 400
    assert shop.http.post("/sandbox/phones/nobody/payments", json={}).status_code == 404


def test_paying_once_is_enough(shop: Shop) -> None:
    number = shop.sheet(shop.prepay()).get_json()["number"]
    paid = shop.tap(number, "pay")
    assert paid.get_json()["errMsg"] == "requestPayment:ok"
    assert shop.tap(number, "pay").status_code == 409
    assert shop.world.pay.sheets("zhang") == []
    assert len(shop.world.pay._funds.flows(shop.me["mchid"])) == 2


def test_two_sheets_of_one_order_are_paid_once(shop: Shop) -> None:
    first = shop.sheet(shop.prepay()).get_json()["number"]
    second = shop.sheet(shop.prepay()).get_json()["number"]
    assert shop.http.get(f"/sandbox/phones/zhang/payments/{first}").get_json()["errMsg"] == "requestPayment:fail cancel"
    assert shop.tap(second, "pay").status_code == 200
    assert shop.tap(first, "pay").status_code == 409


def test_cancelling_leaves_the_order_to_be_paid_later(shop: Shop) -> None:
    prepay_id = shop.prepay()
    cancelled = shop.tap(shop.sheet(prepay_id).get_json()["number"], "cancel")
    assert cancelled.get_json()["errMsg"] == "requestPayment:fail cancel"
    assert shop.query()["trade_state"] == "NOTPAY"
    assert shop.tap(shop.sheet(prepay_id).get_json()["number"], "pay").status_code == 200


def test_a_failed_try_leaves_the_order_unpaid(shop: Shop) -> None:
    failed = shop.tap(shop.sheet(shop.prepay()).get_json()["number"], "fail")
    assert failed.get_json()["errMsg"] == "requestPayment:fail"
    assert shop.query()["trade_state"] == "NOTPAY"


def test_while_the_password_is_typed_the_order_is_neither_paid_nor_to_be_closed(shop: Shop) -> None:
    number = shop.sheet(shop.prepay()).get_json()["number"]
    assert shop.tap(number, "begin").get_json()["trade_state"] == "USERPAYING"
    assert shop.close().status_code == 403
    assert shop.tap(number, "fail").get_json()["trade_state"] == "PAYERROR"
    assert shop.close().status_code == 204


def test_the_sheet_of_an_order_that_ends_goes_away(shop: Shop) -> None:
    number = shop.sheet(shop.prepay()).get_json()["number"]
    shop.world.clock.step(7 * 86_400)
    assert shop.world.pay.sheets("zhang") == []
    assert shop.http.get(f"/sandbox/phones/zhang/payments/{number}").get_json()["errMsg"] == "requestPayment:fail"


def test_an_unknown_tap_or_sheet_is_refused(shop: Shop) -> None:
    number = shop.sheet(shop.prepay()).get_json()["number"]
    shop.world.phones.put("li", "李")
    assert shop.tap(number, "shake").status_code == 400
    assert shop.tap(number + 1, "pay").status_code == 404
    assert shop.http.post(f"/sandbox/phones/li/payments/{number}/pay").status_code == 404


def test_everything_is_forgotten_but_the_keys(shop: Shop) -> None:
    shop.paid()
    shop.http.post("/sandbox/reset")
    assert shop.world.pay.payments() == []
    shop.world.phones.put("zhang", "张阿姨")
    assert shop.paid()["trade_state"] == "SUCCESS"
