"""What speaks against a merge, found before anything is changed: from the rules of the tables themselves."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Base
from services.privacy.about import TABLES, About, Merge

ENDED = frozenset({"consent"})
"""Where both answered the same question, the answer of the one who stays counts; the other ends."""
LEFT_BEHIND = frozenset({"inbox_item"})
"""Where both have the same row, it need not move."""


def columns_to_move(line: About) -> list[str]:
    """Return the columns of a table that a merge carries over: those it is about, and what somebody has in hand."""
    if line.merge is Merge.STAY:
        return []
    table = Base.metadata.tables[line.table]
    return [name for name in (*line.about, *line.live) if _points_to_person(table.c[name])]


def found(session: Session, *, from_id: int, into_id: int) -> list[str]:
    """Return in plain words what has to be put in order before, nothing when the two can be merged."""
    said = []
    for line in TABLES:
        table = Base.metadata.tables[line.table]
        if line.table in ENDED | LEFT_BEHIND:
            continue
        both = sum(
            _twins(session, table, name, rest, where, from_id, into_id)
            for name in columns_to_move(line)
            for rest, where in unique_rules(table, name)
        )
        if both:
            said.append(f"{line.name}：两份登记里有{both}条是重的，请先结束其中一份的")
        if any(_facing(session, table, *pair, from_id, into_id) for pair in _apart(table, columns_to_move(line))):
            said.append(f"{line.name}：同一条里一头是这份登记、另一头是那份，合并以后就成了自己对自己，请先了结")
    return said


def unique_rules(
    table: sa.Table, column: str
) -> Iterator[tuple[Sequence[sa.Column[object]], sa.ColumnElement[bool] | None]]:
    """Yield the other columns of each unique rule that a column is part of, and the condition of a partial one."""
    indexes = [(index.columns, index.dialect_options["sqlite"]["where"]) for index in table.indexes if index.unique]
    rules = [(rule.columns, None) for rule in table.constraints if isinstance(rule, sa.UniqueConstraint)]
    for columns, where in [*indexes, *rules]:
        if column in columns:
            yield [one for one in columns if one.name != column], where


def _twins(
    session: Session,
    table: sa.Table,
    column: str,
    rest: Sequence[sa.Column[object]],
    where: sa.ColumnElement[bool] | None,
    from_id: int,
    into_id: int,
) -> int:
    """Count the rows of the two that a unique rule would not allow to one person."""

    def of(person_id: int) -> sa.Select[*tuple[object, ...]]:
        columns: list[sa.ColumnElement[object]] = list(rest) or [sa.literal(1)]
        query = sa.select(*columns).select_from(table).where(table.c[column] == person_id)
        return query if where is None else query.where(where)

    both = sa.intersect(of(from_id), of(into_id)).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(both)) or 0


def _apart(table: sa.Table, moved: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of columns that a CHECK keeps apart and of which at least one is carried over."""
    persons = [column.name for column in table.columns if _points_to_person(column)]
    for rule in table.constraints:
        text = str(rule.sqltext) if isinstance(rule, sa.CheckConstraint) else ""
        for place, one in enumerate(persons):
            for other in persons[place + 1 :]:
                told = f"{one} <> {other}" in text or f"{other} <> {one}" in text
                if told and {one, other} & set(moved):
                    yield one, other


def _facing(session: Session, table: sa.Table, one: str, other: str, from_id: int, into_id: int) -> bool:
    first, second = table.c[one], table.c[other]
    query = sa.exists().where(
        sa.or_(
            sa.and_(first == from_id, second == into_id),
            sa.and_(first == into_id, second == from_id),
        )
    )
    return bool(session.scalar(sa.select(query)))


def _points_to_person(column: sa.Column[object]) -> bool:
    return any(key.target_fullname == "person.id" for key in column.foreign_keys)
