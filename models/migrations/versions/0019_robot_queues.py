"""Queues of group robots: who may speak next, and the posts that count for the minute."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
QUEUE = "channel = 'robot' and state in ('waiting', 'sending')"


def upgrade() -> None:
    """Apply."""
    for name in ("next_turn_at", "last_ok_at", "failing_since"):
        op.add_column("group_binding", sa.Column(name, TIME, nullable=True))
    op.add_column("group_binding", sa.Column("last_error", sa.String(64), nullable=True))
    op.create_table(
        "robot_post",
        sa.Column("id", BIG, nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("counts_until", TIME, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group_binding.id"], name=op.f("fk_robot_post_group_id_group_binding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_post")),
    )
    op.create_index("ix_robot_post_group_id_counts_until", "robot_post", ["group_id", "counts_until"])
    op.create_index(
        "ix_outbox_message_robot_queue",
        "outbox_message",
        ["subject_id", "id"],
        sqlite_where=sa.text(QUEUE),
        postgresql_where=sa.text(QUEUE),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_outbox_message_robot_queue", "outbox_message")
    op.drop_table("robot_post")
    with op.batch_alter_table("group_binding") as batch:
        for name in ("last_error", "failing_since", "last_ok_at", "next_turn_at"):
            batch.drop_column(name)
