"""Acting by a mandate: the agent's sign-in stays the agent's, its tokens speak for the principal and name both.

Whether a mandate counts is looked at when a token is made; whoever ends one makes the agent's tokens worthless
(``services.rights``), so it ends within a second.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import ActingArea, AgentRelation, Mandate, MandateArea, MandateState, Membership, Person, Role
from services.actors import Hat
from services.areas import AREA_NAMES, RELATION_NAMES, allowed
from services.terms import in_force

_principal = aliased(Person)
_agent = aliased(Person)


@dataclass(frozen=True)
class Acting:
    """A mandate that counts now, as far as acting by it is concerned."""

    mandate_id: int
    neighborhood_id: int
    principal_id: int
    principal: str
    agent_id: int
    relation: AgentRelation
    areas: tuple[ActingArea, ...]
    ends_at: dt.datetime

    @property
    def hat(self) -> Hat:
        """The resident's hat of the principal, narrowed to the areas."""
        return Hat(
            Role.RESIDENT,
            neighborhood_id=self.neighborhood_id,
            permissions=allowed(self.areas),
            ends_at=self.ends_at,
            title=f"替{self.principal}办",
        )


def acting_by(session: Session, *, mandate_id: int, agent_id: int, now: dt.datetime) -> Acting | None:
    """Return what a mandate lets its agent do now; nothing when it does not count (any more).

    The messages of somebody who works here are about others: they are left out, whenever the work began.
    """
    row = session.execute(
        sa.select(Mandate, sa.func.coalesce(_principal.known_as, _principal.name_masked, "这位居民"))
        .join(_principal, _principal.id == Mandate.principal_id)
        .where(Mandate.id == mandate_id, Mandate.agent_id == agent_id, counts(now))
    ).one_or_none()
    if row is None:
        return None
    mandate, principal = row
    areas = set(session.scalars(sa.select(MandateArea.area).where(MandateArea.mandate_id == mandate_id)))
    if ActingArea.MESSAGES in areas and works_somewhere(session, mandate.principal_id, now):
        areas.discard(ActingArea.MESSAGES)
    return Acting(
        mandate.id,
        mandate.neighborhood_id,
        mandate.principal_id,
        principal,
        agent_id,
        mandate.relation,
        tuple(area for area in ActingArea if area in areas),
        mandate.ends_at,
    )


def counts(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a mandate counts at a moment."""
    return sa.and_(Mandate.state == MandateState.IN_FORCE, Mandate.starts_at <= now, Mandate.ends_at > now)


def works_somewhere(session: Session, person_id: int, now: dt.datetime) -> bool:
    """Whether a person holds a role: then their messages speak of others too."""
    query = sa.select(Membership.id).where(
        Membership.person_id == person_id, in_force(Membership.starts_at, Membership.ends_at, now)
    )
    return session.scalar(query.limit(1)) is not None


def card(acting: Acting) -> dict[str, Any]:
    """Return what a phone shows while somebody is acting."""
    return {
        "mandate_id": acting.mandate_id,
        "neighborhood_id": acting.neighborhood_id,
        "principal": acting.principal,
        "relation": acting.relation,
        "relation_name": RELATION_NAMES[acting.relation],
        "areas": list(acting.areas),
        "area_names": [AREA_NAMES[area] for area in acting.areas],
        "ends_at": acting.ends_at,
    }


def parties(connection: Session | sa.Connection, mandate_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Return, by mandate, what agent (with what they are to the principal) and principal may be called."""
    rows = connection.execute(
        sa.select(
            Mandate.id,
            Mandate.relation,
            sa.func.coalesce(_agent.known_as, _agent.name_masked, "代办人"),
            sa.func.coalesce(_principal.name_masked, "居民"),
        )
        .join(_agent, _agent.id == Mandate.agent_id)
        .join(_principal, _principal.id == Mandate.principal_id)
        .where(Mandate.id.in_(mandate_ids))
    )
    return {
        mandate_id: (f"{agent}（{RELATION_NAMES[relation]}）", principal)
        for mandate_id, relation, agent, principal in rows
    }


def signatures(connection: Session | sa.Connection, mandate_ids: set[int]) -> dict[int, str]:
    """Return, by mandate, how an act by it is signed in a history: 李*（女儿）代王*兰."""
    found = parties(connection, mandate_ids)
    return {mandate_id: f"{agent}代{principal}" for mandate_id, (agent, principal) in found.items()}


def agents_of(
    session: Session, *, principal_id: int, neighborhood_id: int, area: ActingArea, now: dt.datetime
) -> list[tuple[int, str]]:
    """Return who may act for a person in an area now, each with what the person may be called."""
    rows = session.execute(
        sa.select(Mandate.agent_id, sa.func.coalesce(_principal.name_masked, "居民"))
        .join(_principal, _principal.id == Mandate.principal_id)
        .join(MandateArea, sa.and_(MandateArea.mandate_id == Mandate.id, MandateArea.area == area))
        .where(
            Mandate.principal_id == principal_id,
            Mandate.neighborhood_id == neighborhood_id,
            Mandate.agent_id.is_not(None),
            counts(now),
        )
        .order_by(Mandate.id)
    )
    return [(agent_id, principal) for agent_id, principal in rows if agent_id is not None]
