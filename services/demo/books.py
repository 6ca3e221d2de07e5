"""What the books of the demonstration say about its homes: areas by their papers, and sheds.  Two statements."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import EVER, AreaBasis, Asset, AssetKind, Home, HomeArea, OrgUnit, table_of

OF_TEN = {AreaBasis.REGISTERED: 6, AreaBasis.CONTRACT: 3}
"""How many of ten homes have a deed or a resettlement agreement; the others' areas are their people's own word."""
EVERY_THIRD, ONE_IN_THIRTY = 3, 30
SHED_AREA = 600  # 6 m²


def complete(session: Session, now: dt.datetime) -> None:
    """Write the areas of all homes with their bases, and a shed for every third; some sheds belong to nobody."""
    home = table_of(Home)
    tenth = home.c.id % 10
    registered, agreed = tenth < OF_TEN[AreaBasis.REGISTERED], tenth < sum(OF_TEN.values())
    number = sa.literal("辽(2018)本溪市不动产权第") + sa.cast(home.c.id, sa.String) + "号"
    areas = sa.select(
        home.c.neighborhood_id,
        home.c.id,
        home.c.area_centi,
        sa.case(
            (registered, AreaBasis.REGISTERED.value),
            (agreed, AreaBasis.CONTRACT.value),
            else_=AreaBasis.SELF_DECLARED.value,
        ),
        sa.case((registered, "不动产权证"), (agreed, "回迁协议")),
        sa.case((registered, number)),
        sa.literal(EVER, sa.Date),
        sa.literal(now, table_of(HomeArea).c.recorded_at.type),
    )
    columns = (
        "neighborhood_id", "home_id", "area_centi", "basis", "document_kind", "document_number", "starts_on", "recorded_at",
    )  # fmt: skip
    session.execute(sa.insert(table_of(HomeArea)).from_select(columns, areas))
    session.execute(sa.insert(table_of(Asset)).from_select(_ASSET, _sheds(now)))


_ASSET = ("neighborhood_id", "building_id", "home_id", "kind", "code", "area_centi", "created_at")


def _sheds(now: dt.datetime) -> sa.Select[*tuple[Any, ...]]:
    home, building = table_of(Home), table_of(OrgUnit)
    number = sa.func.row_number().over(partition_by=home.c.building_id, order_by=home.c.id)
    code = sa.func.replace(building.c.name, "号楼", "-仓房") + sa.cast(number, sa.String)
    return (
        sa.select(
            home.c.neighborhood_id,
            home.c.building_id,
            sa.case((home.c.id % ONE_IN_THIRTY == 0, None), else_=home.c.id),
            sa.literal(AssetKind.SHED.value),
            code,
            sa.literal(SHED_AREA),
            sa.literal(now, table_of(Asset).c.created_at.type),
        )
        .join(building, building.c.id == home.c.building_id)
        .where(home.c.id % EVERY_THIRD == 0)
    )
