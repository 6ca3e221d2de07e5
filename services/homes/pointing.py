"""Which home is meant, by somebody who does not live there yet: by id, or as people say it."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, HomeAlias, OrgUnit
from services.errors import InvalidInput, NotFound
from services.homes import addressing


@dataclass(frozen=True)
class Where:
    """Which home: by id, or as people say it, in the neighborhood whose code hangs on the station's wall."""

    home_id: int | None = None
    neighborhood_code: str | None = None
    address: str | None = None


def find_home(session: Session, where: Where) -> Home:
    """Return the home that is meant.  Raises ``NotFound`` for none and ``InvalidInput`` for several."""
    if where.home_id is not None:
        home = session.get(Home, where.home_id)
        if home is None:
            raise NotFound("没有找到这套房子。请核对地址，或者问一下服务站。", code="home_not_found")
        return home
    text = (where.address or "").strip()
    neighborhood_id = session.scalar(
        sa.select(OrgUnit.id).where(OrgUnit.code == (where.neighborhood_code or "").strip().upper())
    )
    if neighborhood_id is None or not text:
        raise InvalidInput(
            "请写小区编号和房号。小区编号贴在服务站墙上，房号像“14号楼2单元501”这样写。",
            code="home_unclear",
            errors={"address": ["请写小区编号和房号。"]},
        )
    reading = addressing.read(text)
    codes = [address.code for address in ([reading.sure] if reading.sure else reading.all) if address.code]
    alias = sa.select(HomeAlias.home_id).where(
        HomeAlias.neighborhood_id == neighborhood_id, HomeAlias.key == reading.folded
    )
    homes = list(
        session.scalars(
            sa.select(Home)
            .where(Home.neighborhood_id == neighborhood_id, sa.or_(Home.code.in_(codes), Home.id.in_(alias)))
            .order_by(Home.id)
            .limit(2)
        )
    )
    if len(homes) == 1:
        return homes[0]
    if homes:
        said = f"这个写法可能是{homes[0].label}，也可能是{homes[1].label}。请写全：几号楼几单元几室。"
        raise InvalidInput(said, code="home_unclear", errors={"address": [said]})
    raise NotFound("没有找到这套房子。请写全：几号楼几单元几室；还是找不到，请问服务站。", code="home_not_found")
