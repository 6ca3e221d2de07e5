"""Whose rights were changed when: tokens from before are refused."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rights_change",
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("generation > 0", name=op.f("ck_rights_change_generation_positive")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rights_change_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_rights_change")),
    )
    op.create_index(op.f("ix_rights_change_changed_at"), "rights_change", ["changed_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("rights_change")
