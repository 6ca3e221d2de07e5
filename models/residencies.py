"""Who has to do with a home: residencies, the rights that go with them, requests for them, and invitations.

A residency says what a person *is* to a home.  What the person *may* or *must* there, vote, pay, report, are facts of their
own (``HomeRight``), each with its dates, because they do not always go together: three co-owners have one vote, a tenant
may have taken over the fee, the old owner still owes for October.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text32, Text64, Text255, by_value


class ResidencyKind(enum.StrEnum):
    """What a person is to a home."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    FAMILY = "family"
    TENANT = "tenant"
    OCCUPANT = "occupant"
    """Lives there or uses it without owning or renting: 使用人, such as the holder of an unsold public flat."""
    AGENT = "agent"
    """Looks after it for an owner who is away, by a written mandate."""


class Evidence(enum.StrEnum):
    """What a residency rests on."""

    DEED = "deed"
    RESETTLEMENT = "resettlement"
    """The agreement of those who were resettled (拆迁安置协议); their homes often have no deed."""
    LEASE = "lease"
    MANDATE = "mandate"
    HOUSEHOLD_BOOK = "household_book"
    OWNER_WORD = "owner_word"
    VOUCHING = "vouching"
    """Two neighbors of the building, or the grid leader."""
    REGISTRATION = "registration"
    """The station knows and wrote it down."""
    INVITATION = "invitation"
    IMPORT = "import"


class LeavingReason(enum.StrEnum):
    """Why a residency ended."""

    MOVED_OUT = "moved_out"
    SOLD = "sold"
    LEASE_OVER = "lease_over"
    DECEASED = "deceased"
    MISTAKE = "mistake"
    ENDED_BY_OWNER = "ended_by_owner"
    CHANGED_KIND = "changed_kind"
    """Goes on under another kind: the tenant bought the home."""


class Right(enum.StrEnum):
    """What can be separate between persons and a home."""

    VOTE = "vote"
    FEE = "fee"
    """The duty to pay, and the right to be asked for it."""
    TICKET = "ticket"
    """To act for the home in everyday things: report, see its repairs."""


class RightSource(enum.StrEnum):
    """Where a right comes from."""

    KIND = "kind"
    """It goes with what the person is to the home."""
    NAMED = "named"
    """The co-owners named their one voter."""
    AGREED = "agreed"
    """Owner and tenant agreed that the tenant pays."""
    STATION = "station"


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
_SHARE = (
    "(share_numerator is null and share_denominator is null) or (share_numerator between 1 and share_denominator"
    " and share_denominator <= 10000 and kind in ('owner', 'co_owner'))"
)


class Residency(Base):
    """A person lives in, owns or looks after a home, from a day until another.  A row is ended, never changed over."""

    __tablename__ = "residency"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("ended_why is null or ends_at is not null", name="why_of_an_end"),
        sa.CheckConstraint(_SHARE, name="share_of_an_owner"),
        sa.Index(
            "uq_residency_current",
            "home_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_residency_home_id", "home_id"),
        sa.Index("ix_residency_person_id", "person_id"),
        sa.Index(
            "ix_residency_source",
            "neighborhood_id",
            "source",
            sqlite_where=sa.text("source is not null"),
            postgresql_where=sa.text("source is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[ResidencyKind]
    share_numerator: Mapped[int | None]
    share_denominator: Mapped[int | None]
    """Of the ownership: 1 of 3.  The shares of a home's owners never exceed the whole."""
    evidence: Mapped[Evidence] = mapped_column(
        by_value(Evidence, "residency_evidence"), default=Evidence.REGISTRATION, server_default="registration"
    )
    starts_at: Mapped[dt.datetime]
    """When it began in life: the day of the deed or the lease, which may lie before the day it was registered."""
    ends_at: Mapped[dt.datetime | None]
    ended_why: Mapped[LeavingReason | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    reconfirm_since: Mapped[dt.datetime | None]
    """The home was sold: the new owner has not yet said that this person is still there."""
    source: Mapped[Text64 | None]
    """The batch that brought it, such as ``import:17``; empty for those that came one by one."""


class HomeRight(Base):
    """A person has one right or duty in a home, from a moment until another (``services.residencies.rights``)."""

    __tablename__ = "home_right"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        # One voter for a home at a time: a couple has one ballot, whatever the shares.
        sa.Index(
            "uq_home_right_voter",
            "home_id",
            unique=True,
            sqlite_where=sa.text("\"right\" = 'vote' and ends_at is null"),
            postgresql_where=sa.text("\"right\" = 'vote' and ends_at is null"),
        ),
        sa.Index(
            "uq_home_right_current",
            "person_id",
            "home_id",
            "right",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_home_right_neighborhood_id_right", "neighborhood_id", "right", "home_id"),
        sa.Index("ix_home_right_home_id", "home_id"),
        sa.Index("ix_home_right_residency_id", "residency_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    residency_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("residency.id"))
    """On what it rests: it ends with it at the latest."""
    right: Mapped[Right] = mapped_column(by_value(Right, "right_known"))
    source: Mapped[RightSource]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class ResidencyRequest(Base):
    """Somebody asks to be written down as what they are to a home."""

    __tablename__ = "residency_request"
    __table_args__ = (
        sa.CheckConstraint(_SHARE, name="share_of_an_owner"),
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


class ResidencyEvent(Base):
    """What happened to residencies, rights and requests.  Append-only.

    Home, person and residency are plain numbers without a foreign key: the history outlives a batch that is undone whole.
    """

    __tablename__ = "residency_event"
    __table_args__ = (
        sa.Index("ix_residency_event_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_residency_event_home_id_id", "home_id", "id"),
        sa.Index("ix_residency_event_request_id_id", "request_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef]
    person_id: Mapped[BigRef]
    residency_id: Mapped[BigRef | None]
    request_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("residency_request.id"))
    action: Mapped[Text32]
    at: Mapped[dt.datetime]
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right; empty: the clock, or the operator's command line."""
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Text32 | None]
    words: Mapped[Text255 | None]
    """The reason, as it was told to those concerned."""
    detail: Mapped[Json]
    """Codes, ids and old and new values; nothing personal."""


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


class Invitation(Base):
    """A code from the station.  It binds the phone that enters it to a registered person, to a home, or to both."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("person_id is not null or home_id is not null", name="invites_to_something"),
        sa.CheckConstraint("(home_id is null) = (kind is null)", name="kind_goes_with_home"),
        sa.CheckConstraint("(used_at is null) = (used_by_id is null)", name="used_by_somebody"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    kind: Mapped[ResidencyKind | None]
    code_hash: Mapped[Text64] = mapped_column(unique=True)
    created_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    used_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("wechat_account.id"))
