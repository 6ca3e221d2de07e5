"""How tickets are measured."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef


class IndexWeights(Base):
    """How much response, resolution and satisfaction count in the score from a day on, in percent.  Never changed."""

    __tablename__ = "index_weights"
    __table_args__ = (
        sa.CheckConstraint(
            "response >= 0 and resolution >= 0 and satisfaction >= 0 and response + resolution + satisfaction = 100",
            name="hundred_together",
        ),
        sa.Index(
            "uq_index_weights_general",
            "starts_on",
            unique=True,
            sqlite_where=sa.text("unit_id is null"),
            postgresql_where=sa.text("unit_id is null"),
        ),
        sa.Index(
            "uq_index_weights_unit",
            "unit_id",
            "starts_on",
            unique=True,
            sqlite_where=sa.text("unit_id is not null"),
            postgresql_where=sa.text("unit_id is not null"),
        ),
    )

    id: Mapped[BigId]
    unit_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all units without weights of their own."""
    starts_on: Mapped[dt.date]
    response: Mapped[int]
    resolution: Mapped[int]
    satisfaction: Mapped[int]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
