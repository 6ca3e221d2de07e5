"""Migrations: numbered, in one line, up and down on real databases, and ending where the models are."""

import ast
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from app import create_app
from app.extensions import db
from app.transaction import READ_ENGINE
from models import Base
from tests.databases import settings_for
from tests.fakes import fake_gateways

MIGRATIONS = Path(__file__).parents[1] / "models/migrations"
FILES = sorted((MIGRATIONS / "versions").glob("*.py"))
OURS = {"app", "config", "models", "services", "wechat", "flask"}


@pytest.fixture
def migrated(databases):
    """An application on a fresh database, so that going down harms nobody."""
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def schema():
    """Tables with their columns, indexes and rules, as the database tells them."""
    look = sa.inspect(db.engine)
    return {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(table)),
            sorted(
                (index["name"], str(index["column_names"]), bool(index["unique"])) for index in look.get_indexes(table)
            ),
            sorted(rule["name"] or "" for rule in look.get_check_constraints(table)),
            sorted(key["name"] or "" for key in look.get_foreign_keys(table)),
        )
        for table in look.get_table_names()
    }


def triggers():
    sqlite = "select name from sqlite_master where type = 'trigger' order by 1"
    postgresql = "select distinct trigger_name from information_schema.triggers order by 1"
    with db.engine.connect() as connection:
        return list(connection.exec_driver_sql(sqlite if db.engine.dialect.name == "sqlite" else postgresql).scalars())


def test_files_are_numbered_without_gaps():
    numbers = [re.fullmatch(r"(\d{4})_[a-z0-9_]+", path.stem).group(1) for path in FILES]
    assert numbers == [f"{number:04}" for number in range(1, len(FILES) + 1)]


def test_there_is_one_head_and_the_file_names_it():
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [(MIGRATIONS / "HEAD").read_text().strip()] == [FILES[-1].stem[:4]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_ours(path):
    """It must mean the same in five years, whatever the models say then."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported & OURS == set()


@pytest.mark.slow
def test_up_down_and_up_again_end_in_the_same_schema(migrated):
    before, kept = schema(), triggers()
    downgrade(revision="base")
    assert set(schema()) <= {"alembic_version"}
    assert triggers() == []
    upgrade()
    assert schema() == before
    assert triggers() == kept
    assert kept


def test_the_database_is_what_the_models_say(migrated):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_rule_of_the_models_is_in_the_database(migrated):
    """Alembic does not compare CHECKs; here they are compared by name."""
    look = sa.inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(rule.name) for rule in table.constraints if isinstance(rule, sa.CheckConstraint)}
        there = {rule["name"] for rule in look.get_check_constraints(table.name)}
        assert wanted == there, table.name


@pytest.mark.slow
def test_a_database_in_use_is_brought_forward_with_its_rows(migrated):
    """On SQLite a changed table is written anew, although others point to it."""
    downgrade(revision="0003")
    with db.engine.begin() as connection:
        for statement in (
            "insert into org_unit (id, kind, name, path) values (1, 'community', '彩进社区', '/1/')",
            (
                "insert into org_unit (id, parent_id, kind, name, code, path, neighborhood_id) "
                "values (2, 1, 'neighborhood', '彩进小区', 'BX-CJ', '/1/2/', 2)"
            ),
            "insert into person (id, created_at) values (1, '2026-01-01 00:00:00.000000')",
            (
                "insert into membership (id, person_id, unit_id, role, starts_at) "
                "values (1, 1, 2, 'station_manager', '2026-01-01 00:00:00.000000')"
            ),
            (
                "insert into audit_entry (id, at, action, membership_id, subject_kind, subject_id, detail) "
                "values (1, '2026-01-01 00:00:00.000000', 'unit.named', 1, 'org_unit', 2, '{}')"
            ),
            (
                "insert into idempotency_key (person_id, key, request_hash, status, answer, created_at) "
                "values (1, 'k', 'h', 201, 'AWH/AA==', '2026-01-01 00:00:00.000000')"
            ),
        ):
            connection.exec_driver_sql(statement)
    upgrade()
    with db.engine.begin() as connection:
        placed = connection.exec_driver_sql("select unit_id, parent_id, ends_at from unit_placement order by 1").all()
        assert placed == [(1, None, None), (2, 1, None)]
        assert connection.exec_driver_sql("select role, position_id from membership").all() == [
            ("station_manager", None)
        ]
        answer = connection.exec_driver_sql("select answer_sealed from idempotency_key").scalar_one()
        assert bytes(answer) == b"\x01a\xff\x00"
        with pytest.raises(sa.exc.IntegrityError):  # keys are watched again
            connection.exec_driver_sql("update membership set unit_id = 99")
