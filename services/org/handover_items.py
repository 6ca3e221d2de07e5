"""What somebody who leaves has in hand: each thing from a row that exists."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    AgentRelation,
    CaseKey,
    DutyAssignment,
    GroupBinding,
    Home,
    Invitation,
    Mandate,
    MandateState,
    Membership,
    OrgUnit,
    ReadBack,
    ReadBackMeans,
    RequestState,
    ResidencyRequest,
    Role,
    ServiceDomain,
    Ticket,
    TicketCategory,
    TicketState,
)
from services.permissions import ROLE_NAMES

Item = tuple[str, int, str]
"""Kind and id of a row, and what it is in plain words, without names of persons."""

WAITS_FOR_STATION = (TicketState.SUBMITTED, TicketState.TRIAGED, TicketState.REOPENED)
CALLS_RESIDENTS = frozenset({Role.STATION_MANAGER, Role.STATION_CLERK})
REVIEWS_RESIDENTS = frozenset({Role.STATION_MANAGER, Role.STATION_CLERK, Role.GRID_LEADER})
ANSWERS_FOR_TICKETS = frozenset({Role.STATION_MANAGER, Role.STATION_CLERK, Role.GRID_LEADER})


def open_items(session: Session, membership: Membership, unit: OrgUnit, now: dt.datetime) -> list[Item]:
    """Return everything that is to be passed on when a membership ends."""
    return [
        *_tickets(session, membership, unit),
        *_groups(session, membership, unit),
        *_requests(session, membership, unit),
        *_held_besides(session, membership, unit, now),
        *_given(session, membership, unit, now),
        *_acting(session, membership, unit),
    ]


def _tickets(session: Session, membership: Membership, unit: OrgUnit) -> list[Item]:
    """What is assigned to the person, or waits for the station that they answered for."""
    tickets = (
        sa.select(Ticket.id, Ticket.number, TicketCategory.name)
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .where(Ticket.unit_path.startswith(unit.path, autoescape=True))
        .order_by(Ticket.id)
    )
    if membership.role is Role.REPAIRER:
        mine = tickets.where(Ticket.assignee_id == membership.person_id, Ticket.settled_at.is_(None))
        return [("ticket", row.id, f"派给您的单子 {row.number}（{row.name}）") for row in session.execute(mine)]
    if membership.role in ANSWERS_FOR_TICKETS:
        waiting = tickets.where(Ticket.state.in_(WAITS_FOR_STATION))
        return [("ticket", row.id, f"等着处理的单子 {row.number}（{row.name}）") for row in session.execute(waiting)]
    return []


def _requests(session: Session, membership: Membership, unit: OrgUnit) -> list[Item]:
    """Requests of residents that wait for the station's answer."""
    if membership.role not in REVIEWS_RESIDENTS:
        return []
    waiting = session.execute(
        sa.select(ResidencyRequest.id, Home.label)
        .join(Home, Home.id == ResidencyRequest.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(
            ResidencyRequest.state == RequestState.SUBMITTED,
            OrgUnit.path.startswith(unit.path, autoescape=True),
        )
        .order_by(ResidencyRequest.id)
    )
    return [("residency_request", row.id, f"等着审核的住户申请：{row.label}") for row in waiting]


def _groups(session: Session, membership: Membership, unit: OrgUnit) -> list[Item]:
    """The station's groups, which its manager looks after."""
    if membership.role is not Role.STATION_MANAGER:
        return []
    groups = sa.select(GroupBinding.id, GroupBinding.name).where(GroupBinding.neighborhood_id == unit.neighborhood_id)
    return [("group_binding", row.id, f"群“{row.name}”的管理和机器人") for row in session.execute(groups)]


def _given(session: Session, membership: Membership, unit: OrgUnit, now: dt.datetime) -> list[Item]:
    """Keys and invitations that the person gave and that still open something."""
    keys = session.execute(
        sa.select(CaseKey.id, CaseKey.title, Ticket.number)
        .join(Ticket, Ticket.id == CaseKey.subject_id)
        .where(
            CaseKey.given_by_id == membership.person_id,
            CaseKey.subject_kind == "ticket",
            CaseKey.withdrawn_at.is_(None),
            CaseKey.ends_at > now,
            Ticket.settled_at.is_(None),
            Ticket.unit_path.startswith(unit.path, autoescape=True),
        )
        .order_by(CaseKey.id)
    )
    invitations = session.scalars(
        sa.select(Invitation.id)
        .where(
            Invitation.created_by_id == membership.person_id,
            Invitation.neighborhood_id == unit.neighborhood_id,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id)
    )
    return [
        *(("case_key", row.id, f"您给出的案件钥匙：{row.title}，单号 {row.number}") for row in keys),
        *(("invitation", one, "您发出、还没有用的邀请码") for one in invitations),
    ]


def _acting(session: Session, membership: Membership, unit: OrgUnit) -> list[Item]:
    """Calls that wait for the station, and residents for whom the person acts because of the work here."""
    if unit.neighborhood_id is None:
        return []
    calls = sa.select(ReadBack.id, ReadBack.month).where(
        ReadBack.neighborhood_id == unit.neighborhood_id,
        ReadBack.means == ReadBackMeans.CALL,
        ReadBack.answer.is_(None),
    )
    mandates = sa.select(Mandate.id).where(
        Mandate.neighborhood_id == unit.neighborhood_id,
        Mandate.agent_id == membership.person_id,
        Mandate.relation.in_([AgentRelation.STATION, AgentRelation.VOLUNTEER]),
        Mandate.state == MandateState.IN_FORCE,
    )
    waiting = session.execute(calls.order_by(ReadBack.id)) if membership.role in CALLS_RESIDENTS else ()
    return [
        *(("read_back", row.id, f"{row.month} 的代办还没打电话告诉本人，在回访名单里") for row in waiting),
        *(
            ("mandate", one, "您还在替一位居民代办，请问本人要不要换人，再停掉这份委托")
            for one in session.scalars(mandates.order_by(Mandate.id))
        ),
    ]


def _held_besides(session: Session, membership: Membership, unit: OrgUnit, now: dt.datetime) -> list[Item]:
    """What else the person still is in the neighborhood: to be thought of, not ended by this."""
    if unit.neighborhood_id is None:
        return []
    roles = session.execute(
        sa.select(Membership.id, Membership.role, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(
            Membership.person_id == membership.person_id,
            Membership.id != membership.id,
            OrgUnit.neighborhood_id == unit.neighborhood_id,
            sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now),
        )
        .order_by(Membership.id)
    )
    duties = session.execute(
        sa.select(DutyAssignment.id, ServiceDomain.name)
        .join(ServiceDomain, ServiceDomain.id == DutyAssignment.domain_id)
        .where(
            DutyAssignment.person_id == membership.person_id,
            DutyAssignment.neighborhood_id == unit.neighborhood_id,
            sa.or_(DutyAssignment.ends_at.is_(None), DutyAssignment.ends_at > now),
        )
        .order_by(DutyAssignment.id)
    )
    return [
        *(("membership", row.id, f"您还担任{row.name}的{ROLE_NAMES[row.role]}") for row in roles),
        *(("duty_assignment", row.id, f"您负责的服务：{row.name}") for row in duties),
    ]
