"""Bodies of a neighborhood: its station, councils of any type, and the owners' committee with its terms."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.org.hats import EndReason
from models.types import BigId, BigRef, Text32, Text64, Text128, Text255, by_value


class Station(Base):
    """A service station (物业服务站): where it is, when it is open, which phone answers."""

    __tablename__ = "station"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_station_name",
            "neighborhood_id",
            "name",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    name: Mapped[Text64]
    phone: Mapped[Text32 | None]
    """The office's phone: made to be known, so it is not sealed."""
    hours: Mapped[Text128 | None]
    place: Mapped[Text128 | None]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class CouncilType(Base):
    """A type of council (红色管家议事会, 三情议事会): rows, because each town invents its own."""

    __tablename__ = "council_type"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_council_type_own_name",
            "neighborhood_id",
            "name",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index(
            "uq_council_type_shared_name",
            "name",
            unique=True,
            sqlite_where=sa.text("ends_at is null and neighborhood_id is null"),
            postgresql_where=sa.text("ends_at is null and neighborhood_id is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    name: Mapped[Text64]
    purpose: Mapped[Text255]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class CouncilTypeSeat(Base):
    """How many seats an organization has in councils of a type: the community's party committee, and so on."""

    __tablename__ = "council_type_seat"
    __table_args__ = (sa.CheckConstraint("seats > 0", name="seats_positive"),)

    type_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("council_type.id"), primary_key=True)
    organization: Mapped[Text64] = mapped_column(primary_key=True)
    seats: Mapped[int]
    place: Mapped[int]
    """Order in lists."""


class Council(Base):
    """A council at a node of the civil tree."""

    __tablename__ = "council"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_council_type",
            "unit_id",
            "type_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_council_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    type_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("council_type.id"))
    name: Mapped[Text64]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class CouncilSeat(Base):
    """Somebody sits in a council for an organization.  The hat that goes with it is the membership."""

    __tablename__ = "council_seat"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_council_seat_person",
            "council_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_council_seat_membership_id", "membership_id"),
    )

    id: Mapped[BigId]
    council_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("council.id"))
    organization: Mapped[Text64]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    membership_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("membership.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class CommitteeKind(enum.StrEnum):
    """The committee that owners elect (业主委员会), or its stand-in until then (物业管理委员会)."""

    OWNERS = "owners"
    INTERIM = "interim"


class CommitteePost(enum.StrEnum):
    """What a member is in the committee: 主任, 副主任, 委员."""

    CHAIR = "chair"
    VICE_CHAIR = "vice_chair"
    MEMBER = "member"


class CommitteeRule(Base):
    """How long a committee's term may be and how many members it has.  The most special row in force counts."""

    __tablename__ = "committee_rule"
    __table_args__ = (
        sa.CheckConstraint("usual_years between 1 and most_years", name="years"),
        sa.CheckConstraint("least_members between 1 and most_members", name="members"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_committee_rule_kind", "kind", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    kind: Mapped[CommitteeKind]
    usual_years: Mapped[int]
    most_years: Mapped[int]
    least_members: Mapped[int]
    most_members: Mapped[int]
    odd: Mapped[bool]
    """Whether the number of members must be odd."""
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class CommitteeTerm(Base):
    """One term (届) of a committee.  Days are Asia/Shanghai; ``ends_on`` is the first day after it.

    The database refuses a term that overlaps another one of the same neighborhood.
    """

    __tablename__ = "committee_term"
    __table_args__ = (
        sa.UniqueConstraint("neighborhood_id", "kind", "number"),
        sa.CheckConstraint("ends_on > starts_on", name="ends_after_start"),
        sa.CheckConstraint("planned_ends_on >= ends_on", name="ends_as_planned_or_before"),
        sa.CheckConstraint("seats > 0", name="seats_positive"),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.Index("ix_committee_term_neighborhood_id_starts_on", "neighborhood_id", "starts_on"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    kind: Mapped[CommitteeKind] = mapped_column(by_value(CommitteeKind, "term_kind"))
    number: Mapped[int]
    """第几届."""
    seats: Mapped[int]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    planned_ends_on: Mapped[dt.date]
    basis: Mapped[Text255]
    """What it rests on: the assembly's decision and the filing."""
    end_note: Mapped[Text255 | None]
    """Why it ended before its time."""


class CommitteeMember(Base):
    """Somebody belongs to a committee's term.  The hat that goes with it is the membership."""

    __tablename__ = "committee_member"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_committee_member_person",
            "term_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("end_reason is null"),
            postgresql_where=sa.text("end_reason is null"),
        ),
        sa.Index(
            "uq_committee_member_chair",
            "term_id",
            unique=True,
            sqlite_where=sa.text("end_reason is null and post = 'chair'"),
            postgresql_where=sa.text("end_reason is null and post = 'chair'"),
        ),
        sa.Index("ix_committee_member_membership_id", "membership_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    term_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("committee_term.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    membership_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("membership.id"))
    post: Mapped[CommitteePost]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    """The end of the term, or the day on which the member left before it."""
    end_reason: Mapped[EndReason | None] = mapped_column(by_value(EndReason, "member_end_reason"))
    """Set when the member left before the term's end: the seat is vacant."""
