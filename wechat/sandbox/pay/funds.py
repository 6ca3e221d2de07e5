"""What lies in a merchant's account at the simulated WeChat Pay, and every movement of it (微信支付文档「资金账单」)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from wechat.sandbox.pay_refusal import PayRefusal

FEE_RATE = "0.60%"
_PER_MILLE = 6


def fee_of(fen: int) -> int:
    """Return WeChat's charge for a payment, in fen, rounded half up."""
    return (fen * _PER_MILLE + 500) // 1000


@dataclass(frozen=True)
class Flow:
    """One movement.  ``amount`` is fen and positive; ``income`` tells which way it went."""

    at: float
    business_no: str
    flow_no: str
    kind: str
    income: bool
    amount: int
    balance: int
    voucher: str


class Funds:
    """The accounts by merchant number.  ``PayDesk`` holds the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Empty every account."""
        self._flows: dict[str, list[Flow]] = {}

    def balance(self, mchid: str) -> int:
        """Return what lies there, in fen."""
        flows = self._flows.get(mchid)
        return flows[-1].balance if flows else 0

    def flows(self, mchid: str) -> list[Flow]:
        """Return every movement, oldest first."""
        return list(self._flows.get(mchid, ()))

    def need(self, mchid: str, fen: int) -> None:
        """Raise the ``PayRefusal`` NOT_ENOUGH when less than this is there."""
        if self.balance(mchid) < fen:
            raise PayRefusal("NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")

    def move(self, mchid: str, kind: str, fen: int, *, business_no: str, voucher: str) -> None:
        """Book a movement: fen above zero come in, below zero go out, zero is none.

        Raises the ``PayRefusal`` NOT_ENOUGH when more would go out than is there.
        """
        if not fen:
            return
        self.need(mchid, -fen)
        left = self.balance(mchid) + fen
        flow_no = f"{self._clock():.0f}{secrets.randbelow(10**18):018d}"
        flow = Flow(self._clock(), business_no, flow_no, kind, fen > 0, abs(fen), left, voucher)
        self._flows.setdefault(mchid, []).append(flow)
