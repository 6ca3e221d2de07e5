"""Weights of the rates in a score, and an index by which the tickets of a month are found.

Revision ID: 0033
Revises: 0032
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SENTENCE = "weights stay as they were; let others count from another day on"


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_ticket_submitted_at", "ticket", ["submitted_at"])
    weights = op.create_table(
        "index_weights",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("response", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "response >= 0 and resolution >= 0 and satisfaction >= 0 and response + resolution + satisfaction = 100",
            name=op.f("ck_index_weights_hundred_together"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_index_weights_unit_id_org_unit")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_index_weights_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_weights")),
    )
    for name, columns, where in (
        ("uq_index_weights_general", ["starts_on"], "unit_id is null"),
        ("uq_index_weights_unit", ["unit_id", "starts_on"], "unit_id is not null"),
    ):
        some = sa.text(where)
        op.create_index(name, "index_weights", columns, unique=True, sqlite_where=some, postgresql_where=some)
    op.bulk_insert(
        weights,
        [
            {"unit_id": None, "starts_on": dt.date(2026, 1, 1), "response": 30, "resolution": 35, "satisfaction": 35,
             "recorded_at": LONG_AGO, "recorded_by_id": None},
        ],
    )  # fmt: skip
    keep()


def downgrade() -> None:
    """Take back."""
    op.drop_table("index_weights")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function index_weights_stays()")
    op.drop_index("ix_ticket_submitted_at", "ticket")


def keep() -> None:
    """Let the database refuse that weights are changed after something was published with them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function index_weights_stays() returns trigger language plpgsql as $$ begin "
            f"raise exception 'append-only: {SENTENCE}'; end $$"
        )
        op.execute(
            "create trigger index_weights_stays before update or delete on index_weights "
            "for each row execute function index_weights_stays()"
        )
        return
    for action in ("update", "delete"):
        op.execute(
            f"create trigger index_weights_no_{action} before {action} on index_weights "
            f"begin select raise(abort, 'append-only: {SENTENCE}'); end"
        )
