"""Whether what is written twice for speed says the same twice: paths, placements, the paths of tickets.

A ticket that was filed in the very moment in which its building was moved may carry the path of before; nothing else can
differ.  The operator's command looks, and puts right.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import OrgUnit, Ticket, UnitPlacement


@dataclass(frozen=True)
class Strays:
    """How many rows disagree."""

    units: int
    placements: int
    tickets: int

    @property
    def found(self) -> bool:
        """Whether there are any."""
        return bool(self.units or self.placements or self.tickets)


def strays(session: Session) -> Strays:
    """Count the rows that disagree: three statements."""
    parent = aliased(OrgUnit)
    own = sa.cast(OrgUnit.id, sa.Text) + "/"
    misplaced = (
        sa.select(sa.func.count())
        .select_from(OrgUnit)
        .outerjoin(parent, parent.id == OrgUnit.parent_id)
        .where(OrgUnit.closed_at.is_(None), OrgUnit.path != sa.func.coalesce(parent.path, "/") + own)
    )
    placed = (
        sa.select(sa.func.count())
        .select_from(OrgUnit)
        .outerjoin(UnitPlacement, sa.and_(UnitPlacement.unit_id == OrgUnit.id, UnitPlacement.ends_at.is_(None)))
        .where(
            sa.or_(
                (UnitPlacement.id.is_(None)) != (OrgUnit.closed_at.is_not(None)),
                sa.and_(
                    UnitPlacement.id.is_not(None),
                    sa.func.coalesce(UnitPlacement.parent_id, 0) != sa.func.coalesce(OrgUnit.parent_id, 0),
                ),
            )
        )
    )
    return Strays(
        units=session.scalar(misplaced) or 0,
        placements=session.scalar(placed) or 0,
        tickets=session.scalar(sa.select(sa.func.count()).select_from(Ticket).where(_stray_ticket())) or 0,
    )


def mend_tickets(session: Session) -> None:
    """Give every ticket the present path of its building, or of its neighborhood."""
    session.execute(
        sa.update(Ticket)
        .where(_stray_ticket())
        .values(unit_path=_path_of_place())
        .execution_options(synchronize_session=False)
    )


def _path_of_place() -> sa.ScalarSelect[str]:
    place = sa.func.coalesce(Ticket.building_id, Ticket.neighborhood_id)
    return sa.select(OrgUnit.path).where(OrgUnit.id == place).scalar_subquery().correlate(Ticket)


def _stray_ticket() -> sa.ColumnElement[bool]:
    return Ticket.unit_path != _path_of_place()
