"""Every model, so that the metadata is whole."""

from models.audit import AuditEntry
from models.base import Base, table_of
from models.files import StoredFile
from models.homes import Home, Invitation, Residency, ResidencyKind
from models.jobs import IdempotencyKey, JobLease, JobRun, ProviderToken
from models.messaging import Channel, GroupBinding, InboxItem, OutboxMessage, OutboxState, SubscriptionGrant
from models.org import Membership, OrgUnit, Role, UnitKind
from models.people import Person, SignIn, WeChatAccount
from models.tickets import (
    SETTLED_STATES,
    CalendarOverride,
    ClockMode,
    ClockRule,
    PauseReason,
    PhotoPhase,
    PlaceKind,
    Satisfaction,
    Ticket,
    TicketCategory,
    TicketCounter,
    TicketEvent,
    TicketPhoto,
    TicketSource,
    TicketState,
    Urgency,
)

__all__ = [
    "SETTLED_STATES",
    "AuditEntry",
    "Base",
    "CalendarOverride",
    "Channel",
    "ClockMode",
    "ClockRule",
    "GroupBinding",
    "Home",
    "IdempotencyKey",
    "InboxItem",
    "Invitation",
    "JobLease",
    "JobRun",
    "Membership",
    "OrgUnit",
    "OutboxMessage",
    "OutboxState",
    "PauseReason",
    "Person",
    "PhotoPhase",
    "PlaceKind",
    "ProviderToken",
    "Residency",
    "ResidencyKind",
    "Role",
    "Satisfaction",
    "SignIn",
    "StoredFile",
    "SubscriptionGrant",
    "Ticket",
    "TicketCategory",
    "TicketCounter",
    "TicketEvent",
    "TicketPhoto",
    "TicketSource",
    "TicketState",
    "UnitKind",
    "Urgency",
    "WeChatAccount",
    "table_of",
]
