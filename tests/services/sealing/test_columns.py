"""The lists of sealed columns and keyed hashes agree with the code (that they are whole: tests/test_architecture.py)."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import Base
from services.sealing.columns import HASHED, SEALED, SHORT_LIVED, column_at

ROOT = Path(__file__).parents[3]
COLUMNS = {f"{table.name}.{column.name}": column for table in Base.metadata.sorted_tables for column in table.columns}


def labels_given_to(method):
    """The labels in calls such as ``vault.seal(name, "person.name")``, with where they stand; constants are followed."""
    found = {}
    for path in [one for folder in ("app", "services") for one in (ROOT / folder).rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in method:
                given = node.args[1] if len(node.args) > 1 else None
                if isinstance(given, ast.Constant):
                    found[given.value] = path.name
                if isinstance(given, ast.Name) and given.id in constants:
                    found[constants[given.id]] = path.name
    return found


def test_what_is_called_sealed_is_bytes():
    assert [
        w for w, column in COLUMNS.items() if w.endswith("_sealed") and not isinstance(column.type, sa.LargeBinary)
    ] == []


def test_every_label_that_the_code_seals_with_is_in_the_list():
    """A value that is sealed but stands in no column of the list (in JSON, say) would not come under the new key."""
    there = labels_given_to({"seal"})
    assert len(there) >= 5
    assert {label: place for label, place in there.items() if label not in {one.label for one in SEALED}} == {}


def test_every_label_that_the_code_hashes_with_is_in_the_list():
    there = labels_given_to({"fingerprint", "fingerprints"})
    assert {
        label: place for label, place in there.items() if label not in {one.label for one in HASHED} | set(SHORT_LIVED)
    } == {}


@pytest.mark.parametrize("hashed", HASHED, ids=lambda one: one.where)
def test_a_hash_is_made_from_a_sealed_value_of_its_own_row(hashed):
    assert hashed.sealed in {one.where for one in SEALED}
    assert column_at(hashed.sealed).table is hashed.column.table


def test_the_lists_are_in_order_and_name_nothing_twice():
    for names in ([one.where for one in SEALED], [one.where for one in HASHED]):
        assert names == sorted(set(names))
