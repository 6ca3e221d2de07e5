"""Two persons of one human being (two WeChat accounts, a double from an import) become one, and can become two again."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text64, Text255


class MergeState(enum.StrEnum):
    """Where a merge stands.  The moves are ``services.people_merge.moves.MOVES``."""

    ASKED = "asked"
    """One phone asked and shows a code."""
    JOINED = "joined"
    """The other phone entered it; the first has to say yes."""
    PROPOSED = "proposed"
    """Waits for somebody of the station who did not propose it."""
    DONE = "done"
    UNDONE = "undone"
    REFUSED = "refused"
    LAPSED = "lapsed"


class PersonMerge(Base):
    """One merge: ``from`` is given up, ``into`` stays."""

    __tablename__ = "person_merge"
    __table_args__ = (
        sa.CheckConstraint("from_person_id <> into_person_id", name="of_two"),
        sa.CheckConstraint("state in ('asked', 'lapsed') or from_person_id is not null", name="knows_both"),
        sa.CheckConstraint("(state in ('done', 'undone')) = (done_at is not null)", name="done_at_some_time"),
        sa.CheckConstraint("(done_at is null) = (undo_until is null)", name="can_be_undone_for_a_while"),
        sa.CheckConstraint("(state = 'undone') = (undone_at is not null)", name="undone_at_some_time"),
        sa.CheckConstraint("state <> 'proposed' or evidence_sealed is not null", name="proposed_with_evidence"),
        sa.CheckConstraint("decided_by_id is null or decided_by_id <> proposed_by_id", name="a_second_person_decides"),
        sa.Index(
            "uq_person_merge_from",
            "from_person_id",
            unique=True,
            sqlite_where=sa.text("state in ('joined', 'proposed', 'done')"),
            postgresql_where=sa.text("state in ('joined', 'proposed', 'done')"),
        ),
        sa.Index("ix_person_merge_into_person_id", "into_person_id"),
        sa.Index("ix_person_merge_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Whose station decides; empty when nobody has to."""
    from_person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    into_person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[MergeState]
    asked_at: Mapped[dt.datetime]
    asked_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    code_hash: Mapped[Text64 | None] = mapped_column(unique=True)
    code_until: Mapped[dt.datetime | None]
    proposed_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    evidence_sealed: Mapped[Cipher | None]
    decided_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    refused_why: Mapped[Text255 | None]
    done_at: Mapped[dt.datetime | None]
    undo_until: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    undone_why: Mapped[Text255 | None]
    filled: Mapped[Json]
    """``{"fields": [...]}``: what the one who stays got from the other, by name of the field."""


class MergeStep(enum.StrEnum):
    """What was done to a row."""

    MOVED = "moved"
    ENDED = "ended"
    """Both had the same: one of the two was ended."""


class PersonMergeStep(Base):
    """One row that a merge touched: what an undo needs to know."""

    __tablename__ = "person_merge_step"
    __table_args__ = (sa.UniqueConstraint("merge_id", "table_name", "column_name", "row_id", "step"),)

    id: Mapped[BigId]
    merge_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person_merge.id"))
    table_name: Mapped[Text64]
    column_name: Mapped[Text64]
    row_id: Mapped[BigRef]
    step: Mapped[MergeStep]
