"""Imports and exports: workbooks that came in, row by row, what they changed, and copies that went out.

What stands in a row is personal, so rows are sealed whole; beside them stand only numbers and codes.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text32, Text64, Text128, Text255


class ImportState(enum.StrEnum):
    """How far a batch is.  The moves between them are a table in ``services.imports.moves``."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDONE = "undone"
    FAILED = "failed"
    DISCARDED = "discarded"


class RowOutcome(enum.StrEnum):
    """What the dry run found of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"
    ERROR = "error"


class ImportBatch(Base):
    """One workbook of one neighborhood: checked, applied and taken back as one."""

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.CheckConstraint("rows_done >= 0 and rows_done <= rows_total", name="done_within_total"),
        sa.CheckConstraint("(state = 'failed') = (failed_why is not null)", name="failed_says_why"),
        sa.CheckConstraint("state not in ('applied', 'undone') or applied_at is not null", name="applied_when"),
        sa.CheckConstraint("(state = 'undone') = (undone_at is not null)", name="undone_when"),
        # Also for the keys of its rows: the neighborhood copied there is that of the batch.
        sa.Index("uq_import_batch_neighborhood_id_id", "neighborhood_id", "id", unique=True),
        sa.Index(
            "ix_import_batch_due",
            "leased_until",
            sqlite_where=sa.text("state in ('mapped', 'applying')"),
            postgresql_where=sa.text("state in ('mapped', 'applying')"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    state: Mapped[ImportState]
    file_name: Mapped[Text128]
    file_hash: Mapped[Text64]
    layout: Mapped[Json]
    """Sheets, their headings, and which column is what: guessed, then confirmed."""
    options: Mapped[Json]
    """What the person decided with the columns: whether unknown buildings are made."""
    counts: Mapped[Json]
    """Rows by outcome, and what the apply wrote."""
    rows_total: Mapped[int]
    rows_done: Mapped[int]
    """Of the work that is going on now; a query of the batch is all it takes to show progress."""
    uploaded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
    leased_until: Mapped[dt.datetime | None]
    """Until when a worker has promised to be done with its step; later another one takes the batch over."""
    created_at: Mapped[dt.datetime]
    applied_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
    forgotten_at: Mapped[dt.datetime | None]
    """When the workbook was given up for its age: its rows go after that, and nothing can be done with it any more."""
    failed_why: Mapped[Text255 | None]


class ImportRow(Base):
    """One row of a workbook: as it came, and as it was understood."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "sheet", "line"),
        sa.Index("ix_import_row_batch_id_outcome_id", "batch_id", "outcome", "id"),
    )

    id: Mapped[BigId]
    batch_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("import_batch.id"))
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    sheet: Mapped[int]
    line: Mapped[int]
    """The row's number as the spreadsheet program shows it."""
    cells_sealed: Mapped[Cipher | None]
    """Its cells as JSON."""
    plan_sealed: Mapped[Cipher | None]
    """What the dry run made of it, as JSON: written by the apply without looking at the cells again."""
    outcome: Mapped[RowOutcome | None]
    problems: Mapped[Json]
    """Codes of problems with their columns and numbers; nothing personal."""


class ImportPerson(Base):
    """Who a person of a batch is: one for each name with its phone, so that two rows make one person."""

    __tablename__ = "import_person"
    __table_args__ = (
        sa.ForeignKeyConstraint(["batch_id", "neighborhood_id"], ["import_batch.id", "import_batch.neighborhood_id"]),
    )

    batch_id: Mapped[BigRef] = mapped_column(primary_key=True)
    key: Mapped[Text64] = mapped_column(primary_key=True)
    """Keyed hash of name and phone, or of the row for somebody without a phone."""
    neighborhood_id: Mapped[BigRef]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    is_new: Mapped[bool]


class ImportChange(Base):
    """One row of ours that a batch made or changed, with what it was before: what taking back needs."""

    __tablename__ = "import_change"
    __table_args__ = (
        sa.ForeignKeyConstraint(["batch_id", "neighborhood_id"], ["import_batch.id", "import_batch.neighborhood_id"]),
        sa.CheckConstraint("is_new = (old_sealed is null)", name="old_values_of_what_was_there"),
        sa.UniqueConstraint("batch_id", "subject_kind", "subject_id"),
        sa.Index("ix_import_change_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    id: Mapped[BigId]
    batch_id: Mapped[BigRef]
    neighborhood_id: Mapped[BigRef]
    subject_kind: Mapped[Text32]
    """The name of a table."""
    subject_id: Mapped[BigRef]
    is_new: Mapped[bool]
    old_sealed: Mapped[Cipher | None]


class ImportHeading(Base):
    """What a heading means in the workbooks of a neighborhood: confirmed once, known the next time."""

    __tablename__ = "import_heading"

    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)
    title: Mapped[Text64] = mapped_column(primary_key=True)
    """Without spaces and signs."""
    field: Mapped[Text32]
    """Name of a field, or ``ignore``."""
    updated_at: Mapped[dt.datetime]


class ExportCopy(Base):
    """A workbook that went out: who took it, when, why, and how a stray copy is recognised."""

    __tablename__ = "export_copy"
    __table_args__ = (
        sa.CheckConstraint("rows >= 0", name="rows_counted"),
        sa.CheckConstraint("length(reason) >= 4", name="reason_given"),
        sa.Index("ix_export_copy_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Whose homes: the neighborhood, a grid or a building."""
    reference: Mapped[Text32] = mapped_column(unique=True)
    """Stands on every page of the copy, and can be read out over the phone."""
    made_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    reason: Mapped[Text255]
    is_readable: Mapped[bool]
    """Names and phones in full; otherwise masked."""
    rows: Mapped[int]
    content_hash: Mapped[Text64]
