"""Tickets (报修/诉求工单): what was asked for, where it stands, by when, and everything that happened to it."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text16, Text32, Text64, Text128, Text255, Text2000, by_value


class TicketState(enum.StrEnum):
    """Where a ticket stands.  The moves between states are ``services.tickets.moves.MOVES``."""

    SUBMITTED = "submitted"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    DONE_BY_WORKER = "done_by_worker"
    CONFIRMED = "confirmed"
    AUTO_CONFIRMED = "auto_confirmed"
    REOPENED = "reopened"
    RATED = "rated"
    CLOSED = "closed"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"


SETTLED_STATES = frozenset({TicketState.CLOSED, TicketState.REJECTED, TicketState.REDIRECTED, TicketState.CANCELLED})
"""Nothing more happens to a ticket in one of these."""


class Urgency(enum.StrEnum):
    """How fast it has to go: P1 急修, P2 紧急, P3 一般, P4 计划."""

    P1 = "p1"
    P2 = "p2"
    P3 = "p3"
    P4 = "p4"


class PlaceKind(enum.StrEnum):
    """Inside a home, or a part that neighbors share."""

    HOME = "home"
    COMMON = "common"


class TicketSource(enum.StrEnum):
    """How the report came in.  All are the same ticket with the same clocks."""

    APP = "app"
    PHONE = "phone"
    PAPER = "paper"
    VISIT = "visit"


class PauseReason(enum.StrEnum):
    """Why work stands still; residents read it."""

    WAITING_RESIDENT = "waiting_resident"
    WEATHER = "weather"
    PARTS = "parts"
    VOTE = "vote"
    OTHER_BODY = "other_body"


class Satisfaction(enum.StrEnum):
    """The resident's word on the work, in the four steps of the satisfaction rate."""

    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    FAIR = "fair"
    UNSATISFIED = "unsatisfied"


class PhotoPhase(enum.StrEnum):
    """What a photo shows."""

    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"


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


class Ticket(Base):
    """Something a resident asked for."""

    __tablename__ = "ticket"
    __table_args__ = (
        sa.CheckConstraint("(place = 'home') = (home_id is not null)", name="home_place_names_a_home"),
        sa.CheckConstraint("(latitude is null) = (longitude is null)", name="map_point_is_whole"),
        sa.CheckConstraint("(state = 'paused') = (pause_reason is not null)", name="paused_for_a_reason"),
        sa.CheckConstraint("(state = 'paused') = (paused_from is not null)", name="paused_from_somewhere"),
        sa.CheckConstraint("(state = 'paused') = (paused_at is not null)", name="paused_at_some_time"),
        sa.CheckConstraint("not (state = 'paused' and urgency = 'p1')", name="an_emergency_never_pauses"),
        sa.CheckConstraint(
            "(state in ('closed', 'rejected', 'redirected', 'cancelled')) = (settled_at is not null)", name="settled"
        ),
        sa.CheckConstraint("confirmed_by_id is null or confirmed_by_id <> done_by_id", name="no_worker_confirms"),
        sa.CheckConstraint("reopen_count between 0 and 2", name="reopened_twice_at_most"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.Index(
            "ix_ticket_open",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
        sa.Index("ix_ticket_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_ticket_reporter_id_id", "reporter_id", "id"),
        sa.Index("ix_ticket_building_id_id", "building_id", "id", sqlite_where=sa.text("place = 'common'"),
                 postgresql_where=sa.text("place = 'common'")),
        sa.Index(
            "ix_ticket_assignee_id_id",
            "assignee_id",
            "id",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
        sa.Index(
            "ix_ticket_next_due_at",
            "next_due_at",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
    )  # fmt: skip

    id: Mapped[BigId]
    number: Mapped[Text32] = mapped_column(unique=True)
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_path: Mapped[Text255]
    """Path of the deepest node it belongs to (building, else neighborhood): what a scope check compares."""
    building_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    place: Mapped[PlaceKind]
    place_label: Mapped[Text64]
    place_note: Mapped[Text128 | None]
    latitude: Mapped[int | None]
    """Millionths of a degree, GCJ-02 as the phone gives it."""
    longitude: Mapped[int | None]
    category_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_category.id"))
    urgency: Mapped[Urgency]
    text: Mapped[Text2000]
    text_shown: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether neighbors may read text and place note: the content check passed, or a reviewer approved."""
    source: Mapped[TicketSource]
    reporter_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose ticket it is; empty when a caller is not on the station's books."""
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who typed it for somebody who called or came."""
    contact_sealed: Mapped[Cipher | None]
    """Name and phone of a caller who is not on the books."""
    state: Mapped[TicketState]
    version: Mapped[int]
    assignee_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    done_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    confirmed_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    reopen_count: Mapped[int]
    pause_reason: Mapped[PauseReason | None]
    paused_from: Mapped[TicketState | None] = mapped_column(by_value(TicketState, "paused_from"))
    paused_at: Mapped[dt.datetime | None]
    submitted_at: Mapped[dt.datetime]
    state_since: Mapped[dt.datetime]
    answer_due_at: Mapped[dt.datetime]
    arrive_due_at: Mapped[dt.datetime]
    safe_due_at: Mapped[dt.datetime | None]
    done_due_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    arrived_at: Mapped[dt.datetime | None]
    safe_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    next_due_at: Mapped[dt.datetime | None]
    """The earliest clock that still runs; empty when none does."""
    reminded_due_at: Mapped[dt.datetime | None]
    """The clock somebody was already reminded of."""
    overdue_at: Mapped[dt.datetime | None]
    """When the running clock was found to have run out."""
    satisfaction: Mapped[Satisfaction | None]
    rating_words: Mapped[Text2000 | None]
    settled_at: Mapped[dt.datetime | None]


class TicketEvent(Base):
    """One thing that happened to a ticket.  Never changed, never deleted: the database refuses."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        sa.Index("ix_ticket_event_ticket_id_id", "ticket_id", "id"),
        sa.Index(
            "ix_ticket_event_mandate_id_at",
            "mandate_id",
            "at",
            sqlite_where=sa.text("mandate_id is not null"),
            postgresql_where=sa.text("mandate_id is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    at: Mapped[dt.datetime]
    action: Mapped[Text32]
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the clock did it."""
    role: Mapped[Text32 | None]
    on_behalf_of_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right, where that is not the actor."""
    mandate_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("mandate.id"))
    """By which the actor acted for that person."""
    from_state: Mapped[TicketState | None] = mapped_column(by_value(TicketState, "from_state"))
    to_state: Mapped[TicketState] = mapped_column(by_value(TicketState, "to_state"))
    note: Mapped[Text2000 | None]
    detail: Mapped[Json]
    """Old and new values, and ids; never names or phones."""


class TicketPhoto(Base):
    """A photo that belongs to a ticket."""

    __tablename__ = "ticket_photo"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "phase", "position"),)

    id: Mapped[BigId]
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    event_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_event.id"))
    file_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("stored_file.id"), unique=True)
    phase: Mapped[PhotoPhase]
    position: Mapped[int]
