"""Carrying the rows of one person over to another, with a note of each row, and carrying them back."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models import Base, Consent, ConsentEnd, MergeState, MergeStep, Person, PersonMerge, PersonMergeStep, table_of
from services import rights, search_keys
from services.clocks import local_day
from services.errors import Conflict
from services.people_merge import conflicts
from services.privacy import rules
from services.privacy.about import TABLES
from services.vault import Vault

NAME = ("name_sealed", "name_masked")
PHONE = ("phone_sealed", "phone_masked", "phone_hash")
ID_NUMBER = ("id_type", "id_sealed", "id_masked", "id_hash")
FIELDS = {"name": NAME, "phone": PHONE, "id_number": ID_NUMBER, "known_as": ("known_as",)}
"""What the one who stays gets from the other where it has none."""


def carry(session: Session, *, merge: PersonMerge, vault: Vault, now: dt.datetime) -> None:
    """Make the two one.  Raises ``Conflict`` with the list of what speaks against it; then nothing is changed."""
    assert merge.from_person_id is not None
    from_id, into_id = merge.from_person_id, merge.into_person_id
    said = conflicts.found(session, from_id=from_id, into_id=into_id)
    if said:
        raise Conflict("这两份登记还不能合并：" + "；".join(said) + "。", code="merge_conflict", blocking=said)
    try:
        with session.begin_nested():
            _end_twins(session, merge, from_id, into_id, now)
            for line in TABLES:
                for column in conflicts.columns_to_move(line):
                    _move(session, merge, line.table, column, from_id, into_id)
    except DBAPIError as error:
        raise Conflict(
            "这两份登记还不能合并：有记录合不到一起。请把编号告诉社区工作人员，请他们核对。", code="merge_conflict"
        ) from error
    _fill(session, merge, from_id, into_id, vault)
    days = rules.value(session, rules.MERGE_UNDO_DAYS, day=local_day(now), neighborhood_id=merge.neighborhood_id)
    merge.state, merge.done_at, merge.undo_until = MergeState.DONE, now, now + dt.timedelta(days=days)
    rights.changed(session, person_ids=[from_id, into_id], now=now)
    session.flush()
    session.expire_all()


def carry_back(session: Session, *, merge: PersonMerge, vault: Vault, now: dt.datetime) -> None:
    """Make two of them again: rows that were carried over go back; what came since stays with the one who stayed."""
    assert merge.from_person_id is not None
    from_id, into_id = merge.from_person_id, merge.into_person_id
    steps = session.execute(
        sa.select(PersonMergeStep.table_name, PersonMergeStep.column_name, PersonMergeStep.row_id, PersonMergeStep.step)
        .where(PersonMergeStep.merge_id == merge.id)
        .order_by(PersonMergeStep.id)
    ).all()
    try:
        with session.begin_nested():
            for table_name, column, row_id, step in steps:
                table = Base.metadata.tables[table_name]
                if step is MergeStep.MOVED:
                    still = sa.and_(table.c.id == row_id, table.c[column] == into_id)
                    session.execute(sa.update(table).where(still).values({column: from_id}))
            _reopen(session, [row_id for *_, row_id, step in steps if step is MergeStep.ENDED])
    except DBAPIError as error:
        raise Conflict(
            "拆不开了：合并以后又有了新的登记，和原来的冲突。请找社区工作人员核对。", code="undo_conflict"
        ) from error
    _give_back(session, merge, from_id, into_id, vault)
    merge.state, merge.undone_at = MergeState.UNDONE, now
    rights.changed(session, person_ids=[from_id, into_id], now=now)
    session.flush()
    session.expire_all()


def _move(session: Session, merge: PersonMerge, table_name: str, column: str, from_id: int, into_id: int) -> None:
    table = Base.metadata.tables[table_name]
    which = table.c[column] == from_id
    if table_name in conflicts.LEFT_BEHIND:
        for rest, where in conflicts.unique_rules(table, column):
            twin = table.alias()
            same = sa.and_(twin.c[column] == into_id, *(twin.c[one.name] == one for one in rest))
            assert where is None
            which = sa.and_(which, ~sa.exists().where(same))
    ids = list(session.scalars(sa.select(table.c.id).where(which)))
    _remember(session, merge, table_name, column, ids, MergeStep.MOVED)
    session.execute(sa.update(table).where(which).values({column: into_id}))


def _end_twins(session: Session, merge: PersonMerge, from_id: int, into_id: int, now: dt.datetime) -> None:
    """End the consents of the one who is given up where the other has answered the same."""
    answered = sa.select(Consent.kind_code).where(Consent.about_person_id == into_id, Consent.ended_at.is_(None))
    which = sa.and_(Consent.about_person_id == from_id, Consent.ended_at.is_(None), Consent.kind_code.in_(answered))
    ids = list(session.scalars(sa.select(Consent.id).where(which)))
    _remember(session, merge, Consent.__tablename__, "ended_at", ids, MergeStep.ENDED)
    session.execute(
        sa.update(table_of(Consent))
        .where(table_of(Consent).c.id.in_(ids))
        .values(ended_at=now, end_why=ConsentEnd.CHANGED)
    )


def _reopen(session: Session, ids: list[int]) -> None:
    session.execute(
        sa.update(table_of(Consent)).where(table_of(Consent).c.id.in_(ids)).values(ended_at=None, end_why=None)
    )


def _remember(
    session: Session, merge: PersonMerge, table: str, column: str, ids: Iterable[int], step: MergeStep
) -> None:
    rows = [
        {"merge_id": merge.id, "table_name": table, "column_name": column, "row_id": row_id, "step": step}
        for row_id in ids
    ]
    if rows:
        session.execute(sa.insert(table_of(PersonMergeStep)), rows)


def _fill(session: Session, merge: PersonMerge, from_id: int, into_id: int, vault: Vault) -> None:
    """Give the one who stays what it lacks; and nobody finds the other by a phone any more."""
    source, target = session.get_one(Person, from_id), session.get_one(Person, into_id)
    filled = [
        field for field, columns in FIELDS.items()
        if getattr(target, columns[0]) is None and getattr(source, columns[0]) is not None
    ]  # fmt: skip
    for field in filled:
        for column in FIELDS[field]:
            setattr(target, column, getattr(source, column))
    merge.filled = {"fields": filled}
    source.phone_hash = source.id_hash = None
    source.search_keys = []
    _index(target, vault)
    session.flush()


def _give_back(session: Session, merge: PersonMerge, from_id: int, into_id: int, vault: Vault) -> None:
    source, target = session.get_one(Person, from_id), session.get_one(Person, into_id)
    for field in merge.filled["fields"]:
        for column in FIELDS[field]:
            setattr(target, column, None)
    if source.phone_sealed is not None:
        source.phone_hash = vault.fingerprint(vault.open(source.phone_sealed, "person.phone"), "person.phone")
    if source.id_sealed is not None:
        source.id_hash = vault.fingerprint(vault.open(source.id_sealed, "person.id_number"), "person.id_number")
    _index(source, vault)
    _index(target, vault)
    session.flush()


def _index(person: Person, vault: Vault) -> None:
    """Write the keys by which a person is looked for anew."""
    search_keys.put_name(person, vault.open(person.name_sealed, "person.name") if person.name_sealed else "", vault)
    search_keys.put_phone(person, vault.open(person.phone_sealed, "person.phone") if person.phone_sealed else "", vault)
