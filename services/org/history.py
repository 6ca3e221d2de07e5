"""The tree as it was: last year's report is counted in last year's tree."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import FormerUnitName, OrgUnit, UnitPlacement
from services.terms import in_force


def placed_at(when: dt.datetime, root_id: int | None = None, *, levels: int | None = None) -> sa.CTE:
    """Return the tree at a moment as a table of ``id``, ``parent_id``, ``path`` and ``depth``.

    ``root_id`` narrows it to a subtree, ``levels`` to so many below it.  Paths begin at the root that is asked for: they
    are for comparing inside this table, not with ``OrgUnit.path``.
    """
    then = in_force(UnitPlacement.starts_at, UnitPlacement.ends_at, when)
    start = UnitPlacement.parent_id.is_(None) if root_id is None else UnitPlacement.unit_id == root_id
    tree = (
        sa.select(
            UnitPlacement.unit_id.label("id"),
            UnitPlacement.parent_id.label("parent_id"),
            _step(sa.literal("/", sa.Text), UnitPlacement.unit_id).label("path"),
            sa.literal(0, sa.Integer).label("depth"),
        )
        .where(start, then)
        .cte("placed", recursive=True)
    )
    below = aliased(UnitPlacement)
    return tree.union_all(
        sa.select(below.unit_id, below.parent_id, _step(tree.c.path, below.unit_id), tree.c.depth + 1).where(
            below.parent_id == tree.c.id,
            in_force(below.starts_at, below.ends_at, when),
            *([tree.c.depth < levels] if levels is not None else []),
        )
    )


def tree_at(
    session: Session, *, when: dt.datetime, root_id: int | None = None, levels: int | None = None
) -> list[dict[str, Any]]:
    """Return the units at a moment with the parents and names they had then, parents first: one statement.

    Units that were closed before, or made after, are not in it.
    """
    placed = placed_at(when, root_id, levels=levels)
    rows = session.execute(
        sa.select(
            placed.c.id,
            placed.c.parent_id,
            OrgUnit.kind,
            name_at(when).label("name"),
            OrgUnit.neighborhood_id,
            placed.c.path,
        )
        .join(OrgUnit, OrgUnit.id == placed.c.id)
        .order_by(placed.c.depth, placed.c.id)
    ).mappings()
    return [dict(row) for row in rows]


def name_at(when: dt.datetime) -> sa.ColumnElement[str]:
    """Return what a unit (of the statement around) was called at a moment."""
    former = (
        sa.select(FormerUnitName.name)
        .where(FormerUnitName.unit_id == OrgUnit.id, FormerUnitName.starts_at <= when, FormerUnitName.ends_at > when)
        .scalar_subquery()
        .correlate(OrgUnit)
    )
    return sa.func.coalesce(former, OrgUnit.name)


def _step(path: sa.ColumnElement[str], unit_id: Any) -> sa.ColumnElement[str]:
    return path + sa.cast(unit_id, sa.Text) + "/"
