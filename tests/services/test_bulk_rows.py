import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models import ImportBatch, ImportPerson, ImportRow, ImportState, RowOutcome, table_of
from services import bulk_rows

NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)
SOME = bulk_rows.AT_ONCE + 3


@pytest.fixture
def batch(world):
    made = ImportBatch(
        neighborhood_id=world.place.neighborhood.id, state=ImportState.UPLOADED, file_name="房屋.xlsx", file_hash="0" * 64,
        layout={}, options={}, counts={}, rows_total=0, rows_done=0, created_at=NOW,
    )  # fmt: skip
    world.session.add(made)
    world.session.flush()
    return made


def rows(batch, count):
    return [
        {
            "batch_id": batch.id, "neighborhood_id": batch.neighborhood_id, "sheet": 0, "line": line,
            "cells_sealed": b"\x00\\\n\xff", "outcome": RowOutcome.NEW if line else None,
            "problems": {"说": ["a\tb", line]},
        }
        for line in range(count)
    ]  # fmt: skip


def kept(world, batch):
    chosen = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.id)
    return world.session.scalars(chosen).all()


def test_rows_come_back_as_they_were_given_also_beyond_one_statement(world, batch):
    bulk_rows.insert(world.session, table_of(ImportRow), rows(batch, SOME))
    found = kept(world, batch)
    assert [row.line for row in found] == list(range(SOME))
    assert (found[0].outcome, found[1].outcome) == (None, RowOutcome.NEW)
    assert found[1].cells_sealed == b"\x00\\\n\xff"
    assert found[1].problems == {"说": ["a\tb", 1]}


def test_many_rows_are_changed_by_their_ids_and_no_others(world, batch):
    bulk_rows.insert(world.session, table_of(ImportRow), rows(batch, 4))
    first, second, *others = kept(world, batch)
    bulk_rows.update(
        world.session,
        table_of(ImportRow),
        [
            {"id": second.id, "outcome": RowOutcome.ERROR, "problems": {"list": []}, "plan_sealed": b"2"},
            {"id": first.id, "outcome": None, "problems": {"list": [1]}, "plan_sealed": None},
        ],
    )
    world.session.expire_all()
    assert (first.outcome, first.problems, first.plan_sealed) == (None, {"list": [1]}, None)
    assert (second.outcome, second.plan_sealed) == (RowOutcome.ERROR, b"2")
    assert [row.problems["说"][1] for row in others] == [2, 3]


def test_a_row_that_is_there_is_left_out_once_and_refused_otherwise(world, batch):
    table = table_of(ImportPerson)
    person = {
        "batch_id": batch.id, "key": "k", "neighborhood_id": batch.neighborhood_id,
        "person_id": world.resident.id, "is_new": True,
    }  # fmt: skip
    bulk_rows.insert(world.session, table, [person])
    bulk_rows.insert(world.session, table, [person, {**person, "key": "other"}], once=True)
    keys = world.session.scalars(sa.select(ImportPerson.key).where(ImportPerson.batch_id == batch.id)).all()
    assert sorted(keys) == ["k", "other"]
    with pytest.raises(IntegrityError), world.session.begin_nested():
        bulk_rows.insert(world.session, table, [person])


def test_nothing_to_write_sends_no_statement(world, batch, statements):
    bulk_rows.insert(world.session, table_of(ImportRow), [])
    bulk_rows.update(world.session, table_of(ImportRow), [])
    assert statements == []
