"""Shares of the ownership of a home, in exact fractions: together never more than the whole."""

from collections.abc import Iterable
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Residency, ResidencyKind
from services.errors import Conflict, InvalidInput

OWNERS = frozenset({ResidencyKind.OWNER, ResidencyKind.CO_OWNER})
PARTS_MOST = 10_000
Share = tuple[int, int]
"""Numerator and denominator."""


def read(kind: ResidencyKind, numerator: int | None, denominator: int | None) -> Share | None:
    """Return a share as it was written down: 2 of 4 stays 2 of 4.  Raises ``InvalidInput`` for what is none."""
    if numerator is None and denominator is None:
        return None
    if kind not in OWNERS:
        said = "只有房主和共有人才写份额，别的身份请空着。"
        raise InvalidInput(said, code="share_of_no_owner", errors={"share": [said]})
    if numerator is None or denominator is None or not 0 < numerator <= denominator <= PARTS_MOST:
        said = "份额请写成“几分之几”，比如二分之一：分子写1，分母写2。"
        raise InvalidInput(said, code="share_invalid", errors={"share": [said]})
    return numerator, denominator


def total(shares: Iterable[Share]) -> Fraction:
    """Return what shares make together."""
    return sum((Fraction(*share) for share in shares), Fraction(0))


def spoken(share: Share | Fraction) -> str:
    """Return a share as people say it: 3分之1; the whole is 全部."""
    exact = share if isinstance(share, Fraction) else Fraction(*share)
    return "全部" if exact == 1 else f"{exact.denominator}分之{exact.numerator}"


def held(session: Session, home_id: int, *, without: Iterable[int] = ()) -> Fraction:
    """Return what the present owners of a home hold together, as far as it is known; some persons can be left out."""
    rows = session.execute(
        sa.select(Residency.share_numerator, Residency.share_denominator).where(
            Residency.home_id == home_id,
            Residency.ends_at.is_(None),
            Residency.share_numerator.is_not(None),
            Residency.person_id.not_in(list(without)),
        )
    )
    return total((numerator, denominator) for numerator, denominator in rows if numerator and denominator)


def require_room(session: Session, home_id: int, share: Share | None, *, without: Iterable[int] = ()) -> None:
    """Raise ``Conflict`` when a share does not fit beside the others.  The home must be locked (``settling.locked``)."""
    if share is None:
        return
    others = held(session, home_id, without=without)
    if others + Fraction(*share) > 1:
        left = 1 - others
        room = f"只剩{spoken(left)}" if left else "已经没有剩余"
        raise Conflict(
            f"份额加起来超过了整套房子：别的房主一共占{spoken(others)}，{room}。请核对房产证，先改对再登记。",
            code="shares_exceed",
        )
