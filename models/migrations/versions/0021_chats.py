"""Ordinary WeChat groups bound to nodes of the tree, and how often people came in from them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
BOUND = "ended_at is null"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chat_binding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("opengid", sa.String(128), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("bound_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("end_reason", sa.String(255), nullable=True),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name=op.f("ck_chat_binding_ended_for_a_reason")),
        sa.CheckConstraint("ended_at is null or ended_at >= bound_at", name=op.f("ck_chat_binding_ended_after_it_began")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_chat_binding_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_chat_binding_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_binding")),
    )
    op.create_index(
        "uq_chat_binding_bound",
        "chat_binding",
        ["opengid"],
        unique=True,
        sqlite_where=sa.text(BOUND),
        postgresql_where=sa.text(BOUND),
    )
    op.create_index("ix_chat_binding_neighborhood_id_id", "chat_binding", ["neighborhood_id", "id"])
    op.create_table(
        "chat_reach",
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.CheckConstraint("openings > 0", name=op.f("ck_chat_reach_counted")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat_binding.id"], name=op.f("fk_chat_reach_chat_id_chat_binding")),
        sa.PrimaryKeyConstraint("chat_id", "day", name=op.f("pk_chat_reach")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("chat_reach")
    op.drop_table("chat_binding")
