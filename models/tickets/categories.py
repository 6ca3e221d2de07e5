"""Kinds of trouble, and the serials of ticket numbers."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import Urgency
from models.types import BigId, BigRef, Text16, Text32, Text128


class TicketCategory(Base):
    """A kind of trouble in old blocks.  Rows, so that a neighborhood's list can grow without a release."""

    __tablename__ = "ticket_category"

    id: Mapped[BigId]
    code: Mapped[Text32] = mapped_column(unique=True)
    name: Mapped[Text32]
    examples: Mapped[Text128]
    default_urgency: Mapped[Urgency]
    default_party: Mapped[Text32]
    """Who is likely responsible; decided only at the survey."""
    wants_photo: Mapped[bool]
    position: Mapped[int]
    ends_at: Mapped[dt.datetime | None]


class TicketCounter(Base):
    """The last serial given out in a neighborhood and month, so that numbers have no gaps."""

    __tablename__ = "ticket_counter"

    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)
    month: Mapped[Text16] = mapped_column(primary_key=True)
    last: Mapped[int]
