"""The made-up Benxi in tests: a small one, and what is in it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Base, OrgUnit
from services.demo import bulk
from services.demo.loading import Loaded, load
from services.demo.plan import Plan
from services.vault import Vault

NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
VAULT = Vault({"test": "data key of the tests"}, "lookup key of the tests")
TOWN = Plan(neighborhoods=6, homes=700, seed=7)
SEALED = {"name_sealed", "phone_sealed", "robot_key_sealed"}  # a new nonce each time


def fill(session: Session, plan: Plan = TOWN) -> Loaded:
    return load(session, vault=VAULT, now=NOW, plan=plan, progress=lambda homes: None)


def how_many(session: Session, model: type[Base]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def units(session: Session) -> dict[int, OrgUnit]:
    return {unit.id: unit for unit in session.scalars(sa.select(OrgUnit))}


def readable(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that was written except what is sealed."""
    found = {}
    for model in bulk.WRITTEN:
        table = Base.metadata.tables[model.__tablename__]
        columns = [column for column in table.c if column.name not in SEALED]
        found[table.name] = [tuple(row) for row in session.execute(sa.select(*columns).order_by(table.c.id))]
    return found
