"""Cards in a WeChat group whose numbers change after they were shared (动态消息)."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text128

OPEN = "state = 'open'"


class CardState(enum.StrEnum):
    """Where a card stands."""

    OPEN = "open"
    FULL = "full"
    """Everybody has answered, and the card says so: WeChat lets it change no more."""
    EXPIRED = "expired"
    """Its day is over."""
    LOST = "lost"
    """WeChat does not know it, or takes no change of it."""


class ShareCard(Base):
    """How many households of a building have bound a phone, on a card that people share into their group."""

    __tablename__ = "share_card"
    __table_args__ = (
        sa.CheckConstraint("(state = 'open') = (closed_at is null)", name="closed"),
        sa.CheckConstraint("households > 0 and answered between 0 and households", name="counted"),
        sa.CheckConstraint("state <> 'full' or answered = households", name="full_is_all"),
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
        sa.Index(
            "uq_share_card_open", "building_id", unique=True, sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)
        ),
        sa.Index("ix_share_card_building_id_id", "building_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    building_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    activity_id: Mapped[Text128] = mapped_column(unique=True)
    """WeChat's name for the card."""
    state: Mapped[CardState]
    answered: Mapped[int]
    households: Mapped[int]
    """What the card shows."""
    updates: Mapped[int]
    """How many changes were asked for."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
