"""House rules that a machine can check, each with its reason."""

import ast
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import STATUS
from models import Base
from services.errors import ServiceError
from services.privacy.about import TABLES, Erase, Merge
from services.sealing.columns import HASHED, OTHER_BYTES, OTHER_HASHES, SEALED

ROOT = Path(__file__).parents[1]
OURS = ("app", "config", "models", "services", "wechat")
FILES = sorted(
    path for folder in OURS for path in (ROOT / folder).rglob("*.py") if "migrations/versions" not in path.as_posix()
)
BESIDE = sorted(path for folder in ("bench", "tests") for path in (ROOT / folder).rglob("*.py"))
"""Run by engineers, not by users: the rules about reading hold, those about the house do not."""
LONGEST_FILE, WANTED_FILE, LONGEST_FUNCTION = 500, 300, 60


def name(path):
    return path.relative_to(ROOT).as_posix()


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


every_file = pytest.mark.parametrize("path", FILES, ids=name)


def test_there_is_something_to_check():
    assert len(FILES) > 80


def test_files_can_be_read_in_one_sitting():
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}
    long = {path: lines for path, lines in lengths.items() if lines > WANTED_FILE}
    if long:
        with warnings.catch_warnings():
            warnings.simplefilter("default")  # a wish, not a rule
            warnings.warn(f"longer than {WANTED_FILE} lines: {long}", stacklevel=1)


@every_file
def test_functions_fit_on_a_screen(path):
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions(path)}
    assert {function: lines for function, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


@every_file
def test_everything_is_typed(path):
    untyped = []
    for node in functions(path):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        named = [argument for argument in arguments if argument and argument.arg not in {"self", "cls"}]
        if node.returns is None or any(argument.annotation is None for argument in named):
            untyped.append(node.name)
    assert untyped == []


@pytest.mark.parametrize("path", [*FILES, *BESIDE], ids=name)
def test_no_import_hides_inside_a_function(path):
    hidden = [
        ast.unparse(inner)
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


# The sandbox is a server of its own; alembic's entry runs outside any request.
MAY_COMMIT = {"app/transaction.py", "models/migrations/env.py"}


@every_file
def test_one_place_commits(path):
    if name(path) in MAY_COMMIT or name(path).startswith("wechat/sandbox/"):
        return
    commits = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert commits == []


@every_file
def test_every_time_has_a_zone(path):
    naive = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            empty_now = node.func.attr == "now" and not node.args and not node.keywords
            on_a_datetime = ast.unparse(node.func.value).endswith("datetime")
            if node.func.attr in {"utcnow", "utcfromtimestamp"} or (empty_now and on_a_datetime):
                naive.append(node.lineno)
    assert naive == []


@every_file
def test_services_take_the_time_from_outside(path):
    """So that a test, a replay and the clock of the database agree."""
    if not name(path).startswith("services/") or name(path).startswith("services/demo/"):
        return
    assert [call for call in ast.walk(tree(path)) if isinstance(call, ast.Attribute) and call.attr == "now"] == []


def kinds_of(error):
    return {error, *(deeper for kind in error.__subclasses__() for deeper in kinds_of(kind))}


@pytest.mark.parametrize("kind", sorted(kinds_of(ServiceError) - {ServiceError}, key=lambda kind: kind.__name__))
def test_every_error_has_a_status_a_code_and_a_chinese_title(kind):
    assert any(parent in STATUS for parent in kind.__mro__)
    assert kind.code.isascii()
    assert any("\u4e00" <= char <= "\u9fff" for char in kind.title)


def test_error_codes_are_told_apart():
    codes = [kind.code for kind in kinds_of(ServiceError)]
    assert len(codes) == len(set(codes))


def module(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports():
    """Which of our modules each of our modules imports."""
    known = {module(path): path for path in FILES}
    found = {}
    for importer, path in known.items():
        wanted = set()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                wanted |= {one if one in known else node.module for one in inner}
        found[importer] = {one for one in wanted if one in known and one != importer}
    return found


def test_imports_go_in_no_circle():
    left = imports()
    while free := [one for one, wanted in left.items() if not wanted & left.keys()]:
        for one in free:
            del left[one]
    assert left == {}


BELOW = {"config": set(), "models": set(), "services": {"models"}, "wechat": {"services", "config"}}


@pytest.mark.parametrize("folder", BELOW)
def test_imports_go_down_only(folder):
    wrong = {
        (importer, one)
        for importer, wanted in imports().items()
        for one in wanted
        if importer.split(".")[0] == folder and one.split(".")[0] not in BELOW[folder] | {folder}
    }
    assert wrong == set()


def test_every_column_of_bytes_is_known_to_those_who_change_keys():
    """If yours is named here: add it to SEALED in services/sealing/columns.py, or it would be lost with its key."""
    there = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    assert there == {one.where for one in SEALED} | set(OTHER_BYTES)


def test_every_hash_is_known_to_those_who_change_keys():
    """If yours is named here: add it to HASHED in services/sealing/columns.py, or say in OTHER_HASHES why not."""
    there = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_hash")
    }
    assert there - {one.where for one in HASHED} == set(OTHER_HASHES)


PERSONS = {"person.id", "wechat_account.id"}
POINTING = {
    table.name: {
        column.name for column in table.columns if any(key.target_fullname in PERSONS for key in column.foreign_keys)
    }
    for table in Base.metadata.sorted_tables
}


def test_every_table_that_points_to_a_person_says_what_becomes_of_it():
    """Add a line to services/privacy/about.py: without it a person's export and erasure would miss the table."""
    said = {line.table: {*line.about, *line.by} for line in TABLES}
    assert said == {table: columns for table, columns in POINTING.items() if columns}


@pytest.mark.parametrize("line", TABLES, ids=lambda line: line.table)
def test_a_line_about_persons_can_be_carried_out(line):
    table = Base.metadata.tables[line.table]
    assert not set(line.about) & set(line.by)
    if line.merge is Merge.MOVE:
        assert [column.name for column in table.primary_key] == ["id"], "a merge remembers rows by their id"
    if line.about and line.erase is not Erase.DELETE:
        assert line.why or line.table == "wechat_account", "whoever asks for deletion is told why something stays"
