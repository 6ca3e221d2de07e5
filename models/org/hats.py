"""Hats: who holds which role at which node, positions that shape a role, and keys to one case for outsiders."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Json, Text32, Text64, Text255


class Role(enum.StrEnum):
    """What the rules know a person to be.  What a place calls it, and what it may there, is a ``Position``.

    ``RESIDENT`` comes from a residency, ``PROFESSIONAL`` from a key to one case, the others from a membership.
    """

    RESIDENT = "resident"
    REPAIRER = "repairer"
    BUILDING_LEADER = "building_leader"
    MEDIATOR = "mediator"
    TREASURER = "treasurer"
    COMMITTEE_MEMBER = "committee_member"
    COUNCIL_MEMBER = "council_member"
    STATION_CLERK = "station_clerk"
    STATION_MANAGER = "station_manager"
    GRID_LEADER = "grid_leader"
    PARTY_OFFICER = "party_officer"
    COMMUNITY_OFFICER = "community_officer"
    SUBDISTRICT_OFFICER = "subdistrict_officer"
    DISTRICT_OFFICER = "district_officer"
    PROFESSIONAL = "professional"


class EndReason(enum.StrEnum):
    """Why somebody no longer holds something."""

    TERM_OVER = "term_over"
    RESIGNED = "resigned"
    PASSED_ON = "passed_on"
    MOVED_AWAY = "moved_away"
    DISMISSED = "dismissed"
    DECEASED = "deceased"
    MISTAKE = "mistake"


class Position(Base):
    """A post as a place calls it (楼栋长兼调解员): a base role with some permissions more or fewer."""

    __tablename__ = "position"
    __table_args__ = (
        sa.CheckConstraint("base_role not in ('resident', 'professional')", name="base_role_is_held_at_a_node"),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_position_own_title",
            "neighborhood_id",
            "title",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index(
            "uq_position_shared_title",
            "title",
            unique=True,
            sqlite_where=sa.text("ends_at is null and neighborhood_id is null"),
            postgresql_where=sa.text("ends_at is null and neighborhood_id is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    title: Mapped[Text32]
    base_role: Mapped[Role]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class PositionPermission(Base):
    """A permission that a position has beyond its base role, or lacks of it."""

    __tablename__ = "position_permission"

    position_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("position.id"), primary_key=True)
    permission: Mapped[Text64] = mapped_column(primary_key=True)
    is_added: Mapped[bool]
    """Added to the role's own; otherwise taken from them."""


class Membership(Base):
    """A person holds a role at a node, from a moment until another."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("role not in ('resident', 'professional')", name="residents_have_residencies"),
        sa.CheckConstraint("end_reason is null or ends_at is not null", name="reason_of_an_end"),
        sa.Index(
            "uq_membership_current",
            "person_id",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_membership_unit_id_role", "unit_id", "role"),
        sa.Index("ix_membership_position_id", "position_id"),
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    role: Mapped[Role]
    position_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("position.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    """May lie ahead: a term that will run out by itself."""
    appointed_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line, or from before this was written down."""
    end_reason: Mapped[EndReason | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class CaseKey(Base):
    """An outsider (a lawyer, the justice office) may enter exactly one case, until a day or until the case is over."""

    __tablename__ = "case_key"
    __table_args__ = (
        sa.CheckConstraint("subject_kind in ('ticket')", name="subject_known"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("(withdrawn_at is null) = (withdrawn_why is null)", name="withdrawn_for_a_reason"),
        sa.Index(
            "uq_case_key_open",
            "person_id",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at is null"),
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
        sa.Index("ix_case_key_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_case_key_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    subject_kind: Mapped[Text32]
    """The name of the case's table."""
    subject_id: Mapped[BigRef]
    title: Mapped[Text32]
    """As what they come: 律师, 司法所工作人员."""
    permissions: Mapped[Json]
    """``{"given": [...]}``: what the key opens, within ``services.permissions.KEY_CEILING``."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    given_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    given_why: Mapped[Text255]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_why: Mapped[Text255 | None]
