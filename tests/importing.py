"""Batches of imports for tests: small CSV workbooks, led from state to state without a worker."""

import datetime as dt
from itertools import count

from models import ImportBatch, ImportRow
from services.imports import applying, batches, intake, sheets
from services.imports.checking import Check
from services.imports.problems import Problem
from tests.world import NOW

HEADING = "楼号,单元,房号,产权面积,业主,电话"
_tick = count(1)


def moment():
    """A moment of its own for each act."""
    return NOW + dt.timedelta(seconds=next(_tick))


def workbook(*lines, heading=HEADING):
    """The bytes of a CSV."""
    return "\n".join([heading, *lines]).encode()


def uploaded(world, content, *, neighborhood=None, actor=None, name="名册.csv"):
    """A batch that was taken in."""
    return intake.take_in(
        world.session,
        actor=actor,
        neighborhood_id=(neighborhood or world.place.neighborhood).id,
        file_name=name,
        content=content,
        sheets=sheets.read(content),
        vault=world.vault,
        now=moment(),
    )


def checked(world, content, *, columns=None, new_buildings=True, keep_id_numbers=False, **more):
    """A batch after its dry run."""
    batch = uploaded(world, content, **more)
    batches.confirm(
        world.session,
        actor=None,
        batch_id=batch.id,
        columns=columns or {},
        left_out=(),
        options=batches.Options(new_buildings, keep_id_numbers),
        now=moment(),
    )
    check = Check(world.session, batch, vault=world.vault, now=moment())
    steps(world, batch, check)
    check.end(world.session, batch, now=moment())
    world.session.flush()
    world.session.expire_all()
    return batch


def steps(world, batch, work):
    """All steps of a dry run or of the persons, one after the other."""
    while (ready := work.prepare(world.session)) is not None:
        work.write(world.session, batch, ready, now=moment())


def applied(world, content, **more):
    """A batch that was written."""
    batch = checked(world, content, **more)
    apply(world, batch)
    return batch


def apply(world, batch):
    """Write a checked batch."""
    batches.start_apply(world.session, actor=None, batch_id=batch.id, now=moment())
    people = applying.People(world.session, batch, vault=world.vault)
    steps(world, batch, people)
    applying.finish(world.session, batch, people, vault=world.vault, now=moment(), progress=lambda _: None)
    world.session.expire_all()


def rows(world, batch):
    """Outcome and codes of problems of each row, by its line."""
    found = world.session.query(ImportRow).filter_by(batch_id=batch.id).order_by(ImportRow.id)
    return {
        row.line: (
            row.outcome and row.outcome.value,
            [Problem.of(one).code.value for one in row.problems.get("list", [])],
        )
        for row in found
    }


def outcomes(world, batch):
    """Outcome of each row, by its line."""
    return {line: outcome for line, (outcome, _) in rows(world, batch).items()}


def again(world, batch):
    """The batch, fresh."""
    return world.session.get_one(ImportBatch, batch.id, populate_existing=True)
