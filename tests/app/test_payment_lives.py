"""Random lives of payments against the sandbox: whatever is lost, late, repeated or cancelled, both sides end alike."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.pay_scene import SETTLED, Scene, scene
from wechat.sandbox.refusal import Unknown

STATES = {"SUCCESS": "paid", "REFUND": "paid", "CLOSED": "closed", "NOTPAY": "prepaid"}
AMOUNT = 1000


@pytest.fixture(scope="module")
def till(databases) -> Iterator[Scene]:
    with scene(databases) as made:
        yield made


class Life:
    """One charge, and whatever happens to it."""

    def __init__(self, till: Scene) -> None:
        self.till = till
        till.sandbox.callbacks.faults.clear()
        self.charge = till.charge(AMOUNT)
        self.orders: list[int] = []
        self.given: dict[int, dict[str, object]] = {}

    def open(self) -> None:
        answer = self.till.order(self.charge)
        if answer["status"] == 201 and answer["id"] not in self.orders:
            self.orders.append(answer["id"])

    def parameters(self) -> None:
        if self.orders:
            answer = self.till.parameters(self.orders[-1])
            if answer["status"] == 200:
                self.given[self.orders[-1]] = answer

    def pay(self) -> None:
        """Whoever still has a sheet pays: also one whose order we have closed meanwhile, if WeChat lets it."""
        for shown in self.given.values():
            try:
                self.till.pay(shown)
            except Unknown:
                continue

    def tell(self) -> None:
        self.till.tell()

    def lose(self) -> None:
        self.till.sandbox.callbacks.faults.put("pay", "lost")

    def twice(self) -> None:
        self.till.sandbox.callbacks.faults.put("pay", "twice")

    def late(self) -> None:
        self.till.sandbox.callbacks.faults.put("pay", "late", seconds=1.0)

    def forge(self) -> None:
        self.till.sandbox.callbacks.faults.put("pay", "forged")

    def ask(self) -> None:
        for order in self.orders:
            self.till.post(f"/payment-orders/{order}/ask", self.till.me)

    def cancel(self) -> None:
        if self.orders:
            self.till.post(f"/payment-orders/{self.orders[-1]}/cancel", self.till.me)

    def work(self) -> None:
        self.till.work()

    def expire(self) -> None:
        self.till.expire()

    def refund_some(self) -> None:
        if self.orders:
            self.till.refund(self.orders[-1], 300)

    def refund_most(self) -> None:
        if self.orders:
            self.till.refund(self.orders[-1], 800)

    def later(self) -> None:
        self.till.sandbox.clock.step(SETTLED)

    def end(self) -> None:
        """Time goes by until nothing is left to be said."""
        self.till.sandbox.callbacks.faults.clear()
        self.till.expire()
        for _ in range(2):
            self.work()
            self.later()
            self.tell()


STEPS = (
    "open", "parameters", "pay", "tell", "lose", "twice", "late", "forge", "ask", "cancel", "work", "expire",
    "refund_some", "refund_most", "later",
)  # fmt: skip
BEGINNING = ("open", "parameters")
"""Most lives begin so, or most of them would be empty."""


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=10))
def test_both_sides_end_alike_whatever_happens(till, steps):
    life = Life(till)
    for step in (*BEGINNING, *steps):
        getattr(life, step)()
    life.end()
    for order in life.orders:
        mine = till.mine(order)
        theirs = till.at_wechat(mine["number"])
        if theirs is None:
            assert mine["state"] == "closed"
            continue
        expected = "refunded" if theirs["refunded"] == AMOUNT else STATES[theirs["trade_state"]]
        assert (mine["state"], mine["refunded"]) == (expected, theirs["refunded"])
        assert mine["refunded"] <= mine["refund_reserved"] <= AMOUNT
        kinds = till.events(order)
        assert kinds.count("paid") + kinds.count("paid_late") <= 1
        assert kinds.count("refund_succeeded") == len([one for one in mine["refunds"] if one["state"] == "succeeded"])
        assert "suspicious" not in kinds
