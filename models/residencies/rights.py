"""What a person may or must in a home."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, by_value


class Right(enum.StrEnum):
    """What can be separate between persons and a home."""

    VOTE = "vote"
    FEE = "fee"
    """The duty to pay, and the right to be asked for it."""
    TICKET = "ticket"
    """To act for the home in everyday things: report, see its repairs."""


class RightSource(enum.StrEnum):
    """Where a right comes from."""

    KIND = "kind"
    """It goes with what the person is to the home."""
    NAMED = "named"
    """The co-owners named their one voter."""
    AGREED = "agreed"
    """Owner and tenant agreed that the tenant pays."""
    STATION = "station"


class HomeRight(Base):
    """A person has one right or duty in a home, from a moment until another (``services.residencies.standing``)."""

    __tablename__ = "home_right"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["residency_id", "home_id", "neighborhood_id"],
            ["residency.id", "residency.home_id", "residency.neighborhood_id"],
        ),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        # One voter for a home at a time: a couple has one ballot, whatever the shares.
        sa.Index(
            "uq_home_right_voter",
            "home_id",
            unique=True,
            sqlite_where=sa.text("\"right\" = 'vote' and ends_at is null"),
            postgresql_where=sa.text("\"right\" = 'vote' and ends_at is null"),
        ),
        sa.Index(
            "uq_home_right_current",
            "person_id",
            "home_id",
            "right",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_home_right_neighborhood_id_right", "neighborhood_id", "right", "home_id"),
        sa.Index("ix_home_right_home_id", "home_id"),
        sa.Index("ix_home_right_residency_id", "residency_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef]
    home_id: Mapped[BigRef]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    residency_id: Mapped[BigRef]
    """On what it rests: it ends with it at the latest."""
    right: Mapped[Right] = mapped_column(by_value(Right, "right_known"))
    source: Mapped[RightSource]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
