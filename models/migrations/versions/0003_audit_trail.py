"""The audit trail, and the page that a message of the inbox opens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("role", sa.String(32), nullable=True),
        sa.Column("membership_id", BIG, nullable=True),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("about_person_id", BIG, nullable=True),
        sa.Column("purpose", sa.String(255), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_entry_actor_id_person")),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_audit_entry_agent_id_person")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_audit_entry_membership_id_membership")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_audit_entry_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["about_person_id"], ["person.id"], name=op.f("fk_audit_entry_about_person_id_person")),
    )
    op.create_index("ix_audit_entry_about_person_id_id", "audit_entry", ["about_person_id", "id"])
    op.create_index("ix_audit_entry_neighborhood_id_id", "audit_entry", ["neighborhood_id", "id"])
    op.create_index("ix_audit_entry_subject_kind_subject_id_id", "audit_entry", ["subject_kind", "subject_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        # The function is of 0002.
        op.execute(
            "create trigger audit_entry_stays before update or delete on audit_entry "
            "for each row execute function history_stays()"
        )
    else:
        for action in ("update", "delete"):
            op.execute(
                f"create trigger audit_entry_no_{action} before {action} on audit_entry "
                "begin select raise(abort, 'history is append-only: audit_entry'); end"
            )
    op.add_column("inbox_item", sa.Column("page", sa.String(255), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("inbox_item", "page")
    op.drop_table("audit_entry")
