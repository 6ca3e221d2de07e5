"""What people agreed to: kinds of consent, the exact texts by version, and each person's answers."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text32, Text64, Text255, by_value


class ConsentBasis(enum.StrEnum):
    """Why data may be handled at all (PIPL 13): only ``CONSENT`` can be declined or withdrawn."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"


class ConsentAnswer(enum.StrEnum):
    """What a person said.  A no is kept too, so that nobody is asked again and again."""

    GIVEN = "given"
    DECLINED = "declined"


class ToldHow(enum.StrEnum):
    """How somebody's will reached us."""

    APP = "app"
    PAPER = "paper"
    SPOKEN = "spoken"
    WECHAT = "wechat"
    """WeChat told us on the person's behalf."""


class ConsentEnd(enum.StrEnum):
    """Why an answer no longer counts."""

    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    """The person answered anew: to another text, or otherwise."""
    ERASED = "erased"


class ConsentKind(Base):
    """Something that is asked for by itself.  Rows: a place may ask for more."""

    __tablename__ = "consent_kind"

    code: Mapped[Text32] = mapped_column(primary_key=True)
    name: Mapped[Text64]
    basis: Mapped[ConsentBasis]
    is_sensitive: Mapped[bool]
    """Health, hardship, children: a consent of its own, with need and effect (PIPL 28-31)."""
    asked_at_start: Mapped[bool]
    """Whether the client shows it when it is opened for the first time; otherwise when it is needed."""
    place: Mapped[int]
    """Order in lists."""
    ends_at: Mapped[dt.datetime | None]


class ConsentText(Base):
    """The exact words that were shown.  Never changed, never deleted: the database refuses."""

    __tablename__ = "consent_text"
    __table_args__ = (
        sa.UniqueConstraint("kind_code", "version"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.CheckConstraint("(version = 1) = (changed is null)", name="says_what_changed"),
    )

    id: Mapped[BigId]
    kind_code: Mapped[Text32] = mapped_column(sa.ForeignKey("consent_kind.code"))
    version: Mapped[int]
    title: Mapped[Text64]
    body: Mapped[str] = mapped_column(sa.Text)
    effect: Mapped[Text255]
    """Why it is needed, and what a no changes for the person."""
    changed: Mapped[Text255 | None]
    """What is different from the version before, in one sentence."""
    asks_again: Mapped[bool]
    """Whether it changes the matter.  Otherwise answers to the version before go on counting."""
    since: Mapped[dt.datetime]


class Consent(Base):
    """One answer of one person about their own data, or as a guardian about a child's."""

    __tablename__ = "consent"
    __table_args__ = (
        sa.CheckConstraint("(ended_at is null) = (end_why is null)", name="ended_for_a_reason"),
        sa.CheckConstraint("ended_at is null or ended_at >= at", name="ends_after_it_was_given"),
        sa.CheckConstraint("how <> 'wechat'", name="people_answer_themselves"),
        sa.CheckConstraint("how = 'app' or recorded_by_id is not null", name="recorded_by_somebody"),
        sa.CheckConstraint("how <> 'paper' or file_id is not null or paper_place is not null", name="paper_is_kept"),
        sa.CheckConstraint("how <> 'spoken' or witness_id is not null", name="spoken_before_a_witness"),
        sa.CheckConstraint("witness_id is null or witness_id <> recorded_by_id", name="witness_is_a_second_person"),
        sa.Index(
            "uq_consent_open",
            "about_person_id",
            "kind_code",
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        ),
        sa.Index("ix_consent_person_id_id", "person_id", "id"),
        sa.Index("ix_consent_about_person_id_id", "about_person_id", "id"),
        sa.Index("ix_consent_file_id", "file_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    """Where it was written down for the person; empty when the person answered in the app."""
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """Who answered."""
    about_person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """Whose data it is about: the same person, or the child."""
    kind_code: Mapped[Text32] = mapped_column(sa.ForeignKey("consent_kind.code"))
    text_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("consent_text.id"))
    answer: Mapped[ConsentAnswer]
    at: Mapped[dt.datetime]
    how: Mapped[ToldHow] = mapped_column(by_value(ToldHow, "told_how"))
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    witness_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who heard it besides the one who wrote it down."""
    file_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    """A photo of the signed paper."""
    paper_place: Mapped[Text64 | None]
    """Where the signed paper is filed."""
    ended_at: Mapped[dt.datetime | None]
    end_why: Mapped[ConsentEnd | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
