"""The ticket itself: what was asked for, where it stands, by when."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import PauseReason, PlaceKind, Satisfaction, TicketSource, TicketState, Urgency
from models.types import BigId, BigRef, Cipher, Text32, Text64, Text128, Text255, Text2000, by_value


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
        sa.CheckConstraint("reopen_count between 0 and 5", name="reopened_five_times_at_most"),
        sa.CheckConstraint("return_count >= 0", name="return_count_from_nought"),
        sa.CheckConstraint(
            "transfer_to_id is null or (assignee_id is not null and assignee_id <> transfer_to_id"
            " and state in ('assigned', 'accepted', 'on_site', 'in_progress'))",
            name="transfer_from_who_has_it",
        ),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.Index(
            "ix_ticket_open",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
        sa.Index("ix_ticket_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_ticket_submitted_at", "submitted_at"),
        sa.Index("ix_ticket_reporter_id_id", "reporter_id", "id"),
        sa.Index("ix_ticket_done", "neighborhood_id", "category_id", "done_at",
                 sqlite_where=sa.text("done_at is not null"), postgresql_where=sa.text("done_at is not null")),
        sa.Index("ix_ticket_common", "neighborhood_id", "id", sqlite_where=sa.text("place = 'common'"),
                 postgresql_where=sa.text("place = 'common'")),
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
            "ix_ticket_transfer_to_id",
            "transfer_to_id",
            sqlite_where=sa.text("transfer_to_id is not null"),
            postgresql_where=sa.text("transfer_to_id is not null"),
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
    transfer_to_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Which colleague is asked to take it over; until then it stays with the assignee, and so do the clocks."""
    return_count: Mapped[int] = mapped_column(server_default=sa.text("0"))
    """How often workers gave it back to the station."""
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
