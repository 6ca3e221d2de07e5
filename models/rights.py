"""When somebody's rights were changed, so that tokens which say otherwise are refused at once."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigRef


class RightsChange(Base):
    """How often a person's rights were changed, and when last.  A token says at which count it was made."""

    __tablename__ = "rights_change"
    __table_args__ = (sa.CheckConstraint("generation > 0", name="generation_positive"),)

    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, autoincrement=False)
    generation: Mapped[int]
    changed_at: Mapped[dt.datetime] = mapped_column(index=True)
