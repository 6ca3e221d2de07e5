"""What belongs to a home, a residency or a batch is in its neighborhood: one key over both says so.

Until now the number of the neighborhood, copied into such rows, had a key of its own: any neighborhood would do.  One key
over both columns is stricter, and an import has fewer rows to look up.

Revision ID: 0030
Revises: 0029
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

HOME, BATCH = ("home", ("home_id",)), ("import_batch", ("batch_id",))
KEYS: dict[str, tuple[str, tuple[str, ...], str | None]] = {
    "home_alias": (*HOME, "CASCADE"),
    "home_area": (*HOME, "CASCADE"),
    "home_use_period": (*HOME, "CASCADE"),
    "residency": (*HOME, None),
    "home_right": ("residency", ("residency_id", "home_id"), None),
    "import_change": (*BATCH, None),
    "import_person": (*BATCH, None),
}
"""Table: to which table, the columns beside the neighborhood, and what follows when that row is deleted."""
TARGETS = {"residency_id": "residency", "home_id": "home", "batch_id": "import_batch"}


def upgrade() -> None:
    """One key instead of two or three."""
    op.create_index("uq_home_id_neighborhood_id", "home", ["id", "neighborhood_id"], unique=True)
    op.drop_index("ix_import_batch_neighborhood_id_id", "import_batch")
    op.create_index("uq_import_batch_neighborhood_id_id", "import_batch", ["neighborhood_id", "id"], unique=True)
    op.drop_index("ix_residency_home_id", "residency")
    op.create_index("uq_residency_home_id_id", "residency", ["home_id", "id", "neighborhood_id"], unique=True)
    for table, (target, columns, ondelete) in KEYS.items():
        with anew(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_neighborhood_id_org_unit"), type_="foreignkey")
            for column in columns:
                batch.drop_constraint(op.f(f"fk_{table}_{column}_{TARGETS[column]}"), type_="foreignkey")
            both = [*columns, "neighborhood_id"]
            remote = ["id", *columns[1:], "neighborhood_id"]
            batch.create_foreign_key(op.f(f"fk_{table}_{columns[0]}_{target}"), target, both, remote, ondelete=ondelete)


def downgrade() -> None:
    """Keys of their own again."""
    for table, (target, columns, ondelete) in reversed(KEYS.items()):
        with anew(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{columns[0]}_{target}"), type_="foreignkey")
            for column in columns:
                name = op.f(f"fk_{table}_{column}_{TARGETS[column]}")
                batch.create_foreign_key(name, TARGETS[column], [column], ["id"], ondelete=ondelete)
            name = op.f(f"fk_{table}_neighborhood_id_org_unit")
            batch.create_foreign_key(name, "org_unit", ["neighborhood_id"], ["id"])
    op.drop_index("uq_residency_home_id_id", "residency")
    op.create_index("ix_residency_home_id", "residency", ["home_id"])
    op.drop_index("uq_import_batch_neighborhood_id_id", "import_batch")
    op.create_index("ix_import_batch_neighborhood_id_id", "import_batch", ["neighborhood_id", "id"])
    op.drop_index("uq_home_id_neighborhood_id", "home")


@contextmanager
def anew(table: str) -> Iterator[BatchOperations]:
    """Change a table's keys.  SQLite writes it anew for that, without its triggers: they are put back."""
    bind = op.get_bind()
    find = "select sql from sqlite_master where type = 'trigger' and tbl_name = ?"
    triggers = bind.exec_driver_sql(find, (table,)).scalars().all() if bind.dialect.name == "sqlite" else []
    with op.batch_alter_table(table) as batch:
        yield batch
    for trigger in triggers:
        bind.exec_driver_sql(trigger)
