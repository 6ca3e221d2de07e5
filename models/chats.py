"""Ordinary WeChat groups, known by nothing but the id that WeChat gives a group towards this mini-program."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text64, Text128, Text255

BOUND = "ended_at is null"


class ChatBinding(Base):
    """A WeChat group that belongs to a node of the tree, from a day on and perhaps to another.

    WeChat tells neither the group's name nor who is in it: the name is what the manager calls it.
    """

    __tablename__ = "chat_binding"
    __table_args__ = (
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended_for_a_reason"),
        sa.CheckConstraint("ended_at is null or ended_at >= bound_at", name="ended_after_it_began"),
        sa.Index(
            "uq_chat_binding_bound",
            "opengid",
            unique=True,
            sqlite_where=sa.text(BOUND),
            postgresql_where=sa.text(BOUND),
        ),
        sa.Index("ix_chat_binding_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    opengid: Mapped[Text128]
    name: Mapped[Text64]
    bound_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[Text255 | None]


class ChatReach(Base):
    """How often the mini-program was opened from a group on a day.  A number, never who."""

    __tablename__ = "chat_reach"
    __table_args__ = (sa.CheckConstraint("openings > 0", name="counted"),)

    chat_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("chat_binding.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The day in Beijing."""
    openings: Mapped[int]
