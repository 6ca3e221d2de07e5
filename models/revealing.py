"""Reveals: when somebody read a name, a phone or an ID number in full, whose, for which purpose, and in which words."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Text32, Text255


class RevealPurpose(Base):
    """Why something may be read, and what of it.  Rows, because places work differently."""

    __tablename__ = "reveal_purpose"
    __table_args__ = (
        sa.CheckConstraint("opens_name or opens_phone or opens_id_number", name="opens_something"),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name="ends_after_start"),
    )

    code: Mapped[Text32] = mapped_column(primary_key=True)
    name: Mapped[Text32]
    """As the person reads it: 上门维修前联系."""
    place: Mapped[int]
    """In the list."""
    opens_name: Mapped[bool]
    opens_phone: Mapped[bool]
    opens_id_number: Mapped[bool]
    wants_words: Mapped[bool]
    """Whether the purpose alone does not say enough."""
    is_urgent: Mapped[bool]
    """Goes on beyond the day's limit: nobody counts calls while water runs down the stairs."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    source: Mapped[Text255]


class Reveal(Base):
    """One reveal.  Its row in the audit trail has the same facts without the words."""

    __tablename__ = "reveal"
    __table_args__ = (
        sa.CheckConstraint("showed_name or showed_phone or showed_id_number", name="showed_something"),
        sa.CheckConstraint("person_id is not null or ticket_id is not null", name="of_somebody"),
        sa.Index("ix_reveal_viewer_id_at", "viewer_id", "at"),
        sa.Index("ix_reveal_person_id_id", "person_id", "id"),
        sa.Index("ix_reveal_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: somebody who called and is not registered."""
    ticket_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket.id"))
    viewer_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    purpose_code: Mapped[Text32] = mapped_column(sa.ForeignKey("reveal_purpose.code"))
    showed_name: Mapped[bool]
    showed_phone: Mapped[bool]
    showed_id_number: Mapped[bool]
    words_sealed: Mapped[Cipher | None]
    """What the viewer said it was for, which the person reads."""
    audit_entry_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("audit_entry.id"), unique=True)
    at: Mapped[dt.datetime]
