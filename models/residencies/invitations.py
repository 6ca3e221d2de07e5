"""Invitations: codes that bind a phone to a person or a home."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.residencies.residencies import ResidencyKind
from models.types import BigId, BigRef, Text64


class Invitation(Base):
    """A code from the station.  It binds the phone that enters it to a registered person, to a home, or to both."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("person_id is not null or home_id is not null", name="invites_to_something"),
        sa.CheckConstraint("(home_id is null) = (kind is null)", name="kind_goes_with_home"),
        sa.CheckConstraint("(used_at is null) = (used_by_id is null)", name="used_by_somebody"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    kind: Mapped[ResidencyKind | None]
    code_hash: Mapped[Text64] = mapped_column(unique=True)
    created_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    used_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("wechat_account.id"))
