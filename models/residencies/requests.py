"""Requests to be written down: the request, the words put in for it, its papers, and the rule it is answered by."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.residencies.residencies import SHARE_OF_AN_OWNER, Evidence, ResidencyKind
from models.types import BigId, BigRef, Cipher, Text32, Text255, by_value


class RequestState(enum.StrEnum):
    """Where a request stands: see ``services.residencies.moves``."""

    WAITING_VOUCHERS = "waiting_vouchers"
    WAITING_OWNER = "waiting_owner"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


OPEN_REQUESTS = (
    RequestState.WAITING_VOUCHERS,
    RequestState.WAITING_OWNER,
    RequestState.SUBMITTED,
    RequestState.RETURNED,
)
"""A returned request is open: it can be mended and handed in again."""
_OPEN = "state in ('waiting_vouchers', 'waiting_owner', 'submitted', 'returned')"


class ResidencyRequest(Base):
    """Somebody asks to be written down as what they are to a home."""

    __tablename__ = "residency_request"
    __table_args__ = (
        sa.CheckConstraint(SHARE_OF_AN_OWNER, name="share_of_an_owner"),
        sa.CheckConstraint(
            "(due_at is null) = (state not in ('submitted', 'waiting_owner'))", name="due_while_it_waits"
        ),
        sa.CheckConstraint("(state = 'approved') = (residency_id is not null)", name="approved_to_something"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sa.Index(
            "uq_residency_request_open",
            "home_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text(_OPEN),
            postgresql_where=sa.text(_OPEN),
        ),
        sa.Index("ix_residency_request_neighborhood_id_state", "neighborhood_id", "state", "id"),
        sa.Index("ix_residency_request_person_id", "person_id", "id"),
        sa.Index("ix_residency_request_state_due_at", "state", "due_at"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """Whose residency it is to be."""
    filed_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """Who filled it in: the person, or somebody acting for them."""
    kind: Mapped[ResidencyKind]
    share_numerator: Mapped[int | None]
    share_denominator: Mapped[int | None]
    pays_fee: Mapped[bool]
    """For a tenant: whether it was agreed that the tenant pays the service fee."""
    since: Mapped[dt.date]
    """Since when in life: the day of the deed, the lease, or of moving in."""
    evidence: Mapped[Evidence] = mapped_column(by_value(Evidence, "request_evidence"))
    document_sealed: Mapped[Cipher | None]
    document_masked: Mapped[Text32 | None]
    words: Mapped[Text255 | None]
    state: Mapped[RequestState]
    version: Mapped[int]
    created_at: Mapped[dt.datetime]
    state_since: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    """By when the owner, then the station, should have answered."""
    reason: Mapped[Text255 | None]
    """Why it was returned, or why it was approved although something was missing."""
    decided_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    residency_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("residency.id"))


class ResidencyVouch(Base):
    """Somebody puts in a word for a request: what they know, in their own words."""

    __tablename__ = "residency_vouch"
    __table_args__ = (sa.UniqueConstraint("request_id", "voucher_id"),)

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    request_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("residency_request.id"))
    voucher_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    """Where the neighbor lives; empty for the grid leader, whose word is enough alone."""
    words: Mapped[Text255]
    at: Mapped[dt.datetime]


class ResidencyPhoto(Base):
    """A photo of a paper that belongs to a request."""

    __tablename__ = "residency_photo"
    __table_args__ = (sa.UniqueConstraint("request_id", "position"),)

    id: Mapped[BigId]
    request_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("residency_request.id"))
    file_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("stored_file.id"), unique=True)
    position: Mapped[int]


class ResidencyRule(Base):
    """How long answers may take and how many neighbors it needs.  The most special row in force counts."""

    __tablename__ = "residency_rule"
    __table_args__ = (
        sa.CheckConstraint("review_days > 0 and owner_days > 0 and vouchers > 0", name="numbers_positive"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_residency_rule_neighborhood_id", "neighborhood_id", "since"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    review_days: Mapped[int]
    """Working days for the station."""
    owner_days: Mapped[int]
    """Days for the owner; after them the station decides."""
    vouchers: Mapped[int]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]
