"""What an import holds of each row: a file of 100,000 rows must not fill a small server."""

import gc
import sys

from models import ResidencyKind
from services.imports import applying, batches
from services.imports.comparing import Around, Comparison
from services.imports.plans import PersonPlan, RowPlan
from services.imports.registered import Places
from tests.importing import checked, moment, steps, workbook

ROWS = 400


def held(*roots):
    """Bytes of everything that can be reached, each thing once, without classes."""
    seen, waiting, total = set(), list(roots), 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total


def test_the_dry_run_remembers_little_of_each_row(world):
    places = Places(world.session, world.place.neighborhood.id)
    comparison = Comparison(1, places, world.vault, new_buildings=True)
    for at in range(ROWS):
        building, room = str(100 + at // 40), str(101 + at % 40)
        person = PersonPlan("赵" + chr(0x4E00 + at), ResidencyKind.OWNER, True, phone=f"+8615400{at:06}")
        plan = RowPlan(f"{building}-1-{room}", building, "1", 1, room, area_centi=5_000 + at, people=[person])
        comparison.look(at, at, plan, [], Around({}, {}))
    remembered = held(comparison._homes, comparison._phones, places._coming, places.book._by_name, places.book._by_door)
    assert ROWS * 500 < remembered < ROWS * 2_000


def test_a_row_that_waits_for_the_last_transaction_is_small(world):
    lines = [f"{9 + at // 40}号楼,1单元,{101 + at % 40},52.30,赵大力,{15_400_000_000 + at}" for at in range(ROWS)]
    batch = checked(world, workbook(*lines))
    batches.start_apply(world.session, actor=None, batch_id=batch.id, now=moment())
    people = applying.People(world.session, batch, vault=world.vault)
    steps(world, batch, people)
    assert len(people.ready) == ROWS
    assert held(people.ready) < ROWS * 800
