"""What a person is to a home, from when until when, and everything that happened to it."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Json, Text32, Text64, Text255, by_value


class ResidencyKind(enum.StrEnum):
    """What a person is to a home."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    FAMILY = "family"
    TENANT = "tenant"
    OCCUPANT = "occupant"
    """Lives there or uses it without owning or renting: 使用人, such as the holder of an unsold public flat."""
    AGENT = "agent"
    """Looks after it for an owner who is away, by a written mandate."""


class Evidence(enum.StrEnum):
    """What a residency rests on."""

    DEED = "deed"
    RESETTLEMENT = "resettlement"
    """The agreement of those who were resettled (拆迁安置协议); their homes often have no deed."""
    LEASE = "lease"
    MANDATE = "mandate"
    HOUSEHOLD_BOOK = "household_book"
    OWNER_WORD = "owner_word"
    VOUCHING = "vouching"
    """Two neighbors of the building, or the grid leader."""
    REGISTRATION = "registration"
    """The station knows and wrote it down."""
    INVITATION = "invitation"
    IMPORT = "import"


class LeavingReason(enum.StrEnum):
    """Why a residency ended."""

    MOVED_OUT = "moved_out"
    SOLD = "sold"
    LEASE_OVER = "lease_over"
    DECEASED = "deceased"
    MISTAKE = "mistake"
    ENDED_BY_OWNER = "ended_by_owner"
    CHANGED_KIND = "changed_kind"
    """Goes on under another kind: the tenant bought the home."""


SHARE_OF_AN_OWNER = (
    "(share_numerator is null and share_denominator is null) or (share_numerator between 1 and share_denominator"
    " and share_denominator <= 10000 and kind in ('owner', 'co_owner'))"
)


class Residency(Base):
    """A person lives in, owns or looks after a home, from a day until another.  A row is ended, never changed over."""

    __tablename__ = "residency"
    __table_args__ = (
        sa.ForeignKeyConstraint(["home_id", "neighborhood_id"], ["home.id", "home.neighborhood_id"]),
        # For the key of its rights, and to find the residencies of a home.
        sa.Index("uq_residency_home_id_id", "home_id", "id", "neighborhood_id", unique=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("ended_why is null or ends_at is not null", name="why_of_an_end"),
        sa.CheckConstraint(SHARE_OF_AN_OWNER, name="share_of_an_owner"),
        sa.Index(
            "uq_residency_current",
            "home_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_residency_person_id", "person_id"),
        sa.Index(
            "ix_residency_source",
            "neighborhood_id",
            "source",
            sqlite_where=sa.text("source is not null"),
            postgresql_where=sa.text("source is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef]
    home_id: Mapped[BigRef]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[ResidencyKind]
    share_numerator: Mapped[int | None]
    share_denominator: Mapped[int | None]
    """Of the ownership: 1 of 3.  The shares of a home's owners never exceed the whole."""
    evidence: Mapped[Evidence] = mapped_column(
        by_value(Evidence, "residency_evidence"), default=Evidence.REGISTRATION, server_default="registration"
    )
    starts_at: Mapped[dt.datetime]
    """When it began in life: the day of the deed or the lease, which may lie before the day it was registered."""
    ends_at: Mapped[dt.datetime | None]
    ended_why: Mapped[LeavingReason | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    reconfirm_since: Mapped[dt.datetime | None]
    """The home was sold: the new owner has not yet said that this person is still there."""
    source: Mapped[Text64 | None]
    """The batch that brought it, such as ``import:17``; empty for those that came one by one."""


class ResidencyEvent(Base):
    """What happened to residencies, rights and requests.  Append-only.

    Home, person and residency are plain numbers without a foreign key: the history outlives a batch that is undone whole.
    """

    __tablename__ = "residency_event"
    __table_args__ = (
        sa.Index("ix_residency_event_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_residency_event_home_id_id", "home_id", "id"),
        sa.Index("ix_residency_event_request_id_id", "request_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef]
    person_id: Mapped[BigRef]
    residency_id: Mapped[BigRef | None]
    request_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("residency_request.id"))
    action: Mapped[Text32]
    at: Mapped[dt.datetime]
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right; empty: the clock, or the operator's command line."""
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Text32 | None]
    words: Mapped[Text255 | None]
    """The reason, as it was told to those concerned."""
    detail: Mapped[Json]
    """Codes, ids and old and new values; nothing personal."""
