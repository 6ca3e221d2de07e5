"""Imports and exports: batches, their rows, what they changed, and copies that went out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON().with_variant(JSONB, "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "export_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("is_readable", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.CheckConstraint("length(reason) >= 4", name=op.f("ck_export_copy_reason_given")),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_export_copy_rows_counted")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_export_copy_made_by_id_person")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_export_copy_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_export_copy_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_copy")),
        sa.UniqueConstraint("reference", name=op.f("uq_export_copy_reference")),
    )
    op.create_index("ix_export_copy_neighborhood_id_id", "export_copy", ["neighborhood_id", "id"])

    op.create_table(
        "import_batch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "mapped",
                "checked",
                "applying",
                "applied",
                "undone",
                "failed",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(128), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("layout", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", BIG, nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_why", sa.String(255), nullable=True),
        sa.CheckConstraint("(state = 'failed') = (failed_why is not null)", name=op.f("ck_import_batch_failed_says_why")),
        sa.CheckConstraint("(state = 'undone') = (undone_at is not null)", name=op.f("ck_import_batch_undone_when")),
        sa.CheckConstraint(
            "state not in ('applied', 'undone') or applied_at is not null", name=op.f("ck_import_batch_applied_when")
        ),
        sa.CheckConstraint("rows_done >= 0 and rows_done <= rows_total", name=op.f("ck_import_batch_done_within_total")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_import_batch_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_import_batch_uploaded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        "ix_import_batch_due",
        "import_batch",
        ["leased_until"],
        sqlite_where=sa.text("state in ('mapped', 'applying')"),
        postgresql_where=sa.text("state in ('mapped', 'applying')"),
    )
    op.create_index("ix_import_batch_neighborhood_id_id", "import_batch", ["neighborhood_id", "id"])

    op.create_table(
        "import_heading",
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_import_heading_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("neighborhood_id", "title", name=op.f("pk_import_heading")),
    )
    op.create_table(
        "import_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("old_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("is_new = (old_sealed is null)", name=op.f("ck_import_change_old_values_of_what_was_there")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_change_batch_id_import_batch")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_import_change_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
        sa.UniqueConstraint(
            "batch_id", "subject_kind", "subject_id", name=op.f("uq_import_change_batch_id_subject_kind_subject_id")
        ),
    )
    op.create_index("ix_import_change_subject_kind_subject_id", "import_change", ["subject_kind", "subject_id"])

    op.create_table(
        "import_person",
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_person_batch_id_import_batch")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_import_person_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_person_person_id_person")),
        sa.PrimaryKeyConstraint("batch_id", "key", name=op.f("pk_import_person")),
    )
    op.create_index(op.f("ix_import_person_person_id"), "import_person", ["person_id"])

    op.create_table(
        "import_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "new",
                "changed",
                "same",
                "conflict",
                "error",
                name="rowoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("problems", JSON, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_import_row_neighborhood_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "sheet", "line", name=op.f("uq_import_row_batch_id_sheet_line")),
    )
    op.create_index("ix_import_row_batch_id_outcome_id", "import_row", ["batch_id", "outcome", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("import_row")
    op.drop_table("import_person")
    op.drop_table("import_change")
    op.drop_table("import_heading")
    op.drop_table("import_batch")
    op.drop_table("export_copy")
