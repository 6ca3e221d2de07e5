"""Keys that seal personal data, themselves wrapped by a master key that is not in the database."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Cipher, Text16, Text32


class DataKey(Base):
    """One data key.  Rows are few; changing the master key wraps these anew and touches no personal data."""

    __tablename__ = "data_key"
    __table_args__ = (
        sa.CheckConstraint("id like '~%'", name="id_unlike_a_master_key"),
        sa.CheckConstraint("number > 0", name="numbered_from_one"),
        sa.CheckConstraint("active_at >= created_at", name="active_later"),
    )

    id: Mapped[Text16] = mapped_column(primary_key=True)
    """``~1``, ``~2`` …: stands in front of each value sealed with it."""
    number: Mapped[int] = mapped_column(unique=True)
    """Counts up.  The highest one that is active seals, all open."""
    wrapped: Mapped[Cipher]
    master_id: Mapped[Text32]
    """The master key that unwraps it: its name in the settings."""
    created_at: Mapped[dt.datetime]
    active_at: Mapped[dt.datetime]
    """Since when it seals.  A little later than it was made, so that every process knows it before any value needs it."""
