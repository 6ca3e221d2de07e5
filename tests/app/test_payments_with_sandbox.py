"""Contract: our whole side against the sandbox over real HTTP, in both modes and with both kinds of keys."""

import json
from collections.abc import Iterator

import pytest
import requests

from tests.app.pay_scene import SETTLED, Scene, scene

MODES = [("direct", "public_key"), ("direct", "certificate"), ("partner", "public_key"), ("partner", "certificate")]


@pytest.fixture(scope="module")
def till(databases) -> Iterator[Scene]:
    with scene(databases) as made:
        yield made


@pytest.mark.parametrize(("mode", "signed_by"), MODES)
def test_from_charge_to_refund_in_every_mode(databases, mode, signed_by):
    with scene(databases, mode=mode, signed_by=signed_by) as till:
        order = till.pay_a_charge()
        assert till.state(order) == "prepaid"
        till.tell()
        assert till.state(order) == "paid"
        assert till.refund(order, 345)["status"] == 200
        till.work()
        till.sandbox.clock.step(SETTLED)
        till.tell()
        assert till.statuses() == [204, 204]
        mine = till.mine(order)
        theirs = till.at_wechat(mine["number"])
        assert theirs is not None
        assert (mine["refunded"], mine["transaction_id"]) == (theirs["refunded"], theirs["transaction_id"])
        assert till.events(order) == [
            "opened", "prepaid", "paid", "refund_asked", "refund_approved", "refund_accepted", "refund_succeeded"
        ]  # fmt: skip


@pytest.mark.parametrize("fault", ["twice", "late", "old", "forged", "truncated"])
def test_what_goes_wrong_with_a_notification_is_healed_by_the_next(till, fault):
    till.sandbox.callbacks.faults.put("pay", fault)
    order = till.pay_a_charge()
    till.tell()
    assert till.state(order) == ("paid" if fault == "twice" else "prepaid")
    till.sandbox.clock.step(70)
    till.tell()
    assert till.state(order) == "paid"
    assert till.events(order).count("paid") == 1


def test_a_lost_notification_is_made_up_for_by_asking(till):
    till.sandbox.callbacks.faults.put("pay", "lost")
    order = till.pay_a_charge()
    till.tell()
    assert till.state(order) == "prepaid"
    till.work()
    assert till.state(order) == "paid"


def test_a_probe_is_refused(till):
    number = till.sandbox.pay.probe("1900009191", f"{till.url}/callbacks/wechat/pay/{till.slug}")
    till.tell()
    told = till.sandbox.callbacks.delivery(number)
    assert [attempt["status"] for attempt in told["attempts"]] == [403]


def test_a_stranger_is_refused(till):
    for body in (b"", b"{}", b"\xff\xfe", b"[" * 1000):
        answer = requests.post(f"{till.url}/callbacks/wechat/pay/{till.slug}", data=body, timeout=5)
        assert answer.status_code == 403


def examined(till: Scene) -> dict[str, str]:
    """What the doctor says of payments."""
    output = till.app.test_cli_runner().invoke(args=["wechat", "doctor", "--json"]).output
    found: dict[str, str] = next(one for one in json.loads(output)["steps"] if one["code"] == "payments")
    return found


def test_the_doctor_tries_every_merchant(till):
    assert examined(till)["words"] == "1个商户的密钥都能用，微信都认。"


def test_the_doctor_names_the_merchant_whose_keys_wechat_does_not_take(till):
    till.sandbox.faults.put("pay_query", {"http": 401, "code": "SIGN_ERROR", "times": 1})
    found = examined(till)
    assert (found["health"], found["words"].startswith("彩进小区业委会：")) == ("ill", True)
    assert "pay merchant check" in found["mend"]


def test_an_order_that_nobody_paid_is_closed_at_wechat(till):
    order = till.order(till.charge())["id"]
    till.parameters(order)
    till.expire()
    till.work()
    mine = till.mine(order)
    theirs = till.at_wechat(mine["number"])
    assert theirs is not None
    assert (mine["state"], theirs["trade_state"]) == ("closed", "CLOSED")


def test_a_payment_just_before_the_close_is_kept(till):
    order = till.pay_a_charge()
    till.expire()
    till.work()
    assert till.state(order) == "paid"


def test_too_little_in_the_account_frees_the_refund_again(till):
    order = till.pay_a_charge(500)
    till.tell()
    balance = till.sandbox.pay._funds.balance("1900009191")
    till.sandbox.pay.withdraw("1900009191", balance)
    assert till.refund(order, 500)["status"] == 200
    till.work()
    mine = till.mine(order)
    assert (mine["refund_reserved"], mine["refunds"][0]["state"]) == (0, "closed")


def test_no_emoji_reaches_wechat(till):
    order = till.order(till.charge())["id"]
    assert till.parameters(order)["status"] == 200
    theirs = till.at_wechat(till.mine(order)["number"])
    assert theirs is not None
    assert theirs["description"] == "门禁卡工本费"


@pytest.mark.parametrize("mode", ["direct", "partner"])
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [(None, set()), ("row_missing", {"missing_there"}), ("amount_off", {"amount_off"}), ("hash_wrong", set())],
)
def test_the_days_bill_is_held_against_our_books(databases, mode, fault, kinds):
    with scene(databases, mode=mode) as till:
        order = till.pay_a_charge()
        till.pay_a_charge(700)
        till.tell()
        till.refund(order, 345)
        till.work()
        till.sandbox.clock.step(SETTLED)
        till.tell()
        till.sandbox.pay.set_up({"bills": fault})
        found = {kind for kind, _ in till.fetch_bills()} - {"funds_off"}
        assert found == kinds
        headers = till.manager
        listed = till.client.get(f"/api/v1/neighborhoods/{till.hood}/payment-bills", headers=headers).get_json()[
            "items"
        ]
        # A bill that is not the announced one is not believed: it is fetched again.
        assert [(one["payments"], one["refunds"]) for one in listed] == {
            None: [(2, 1)], "row_missing": [(2, 0)], "amount_off": [(2, 1)], "hash_wrong": []
        }[fault]  # fmt: skip


def test_both_bills_of_the_sandbox_agree(databases):
    with scene(databases) as till:
        order = till.pay_a_charge()
        till.tell()
        till.refund(order, 345)
        till.work()
        till.sandbox.clock.step(SETTLED)
        till.tell()
        assert till.fetch_bills() == []
