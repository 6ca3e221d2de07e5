"""The rights desk: what people ask about their own data, by when it is answered, and the periods as rows."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.consents import ToldHow
from models.types import BigId, BigRef, Cipher, Json, Text32, Text255, by_value


class RightsKind(enum.StrEnum):
    """What can be asked (PIPL 44-50)."""

    SEE = "see"
    CORRECT = "correct"
    DELETE = "delete"
    RESTRICT = "restrict"
    TRANSFER = "transfer"
    EXPLAIN = "explain"


class RightsState(enum.StrEnum):
    """Where a request stands.  The moves are ``services.privacy.desk_moves.MOVES``."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    GRANTED = "granted"
    PARTLY = "partly"
    """Done as far as the law allows; the answer says what stays and why."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Standing(enum.StrEnum):
    """In whose right it is asked (PIPL 31, 49)."""

    SELF = "self"
    GUARDIAN = "guardian"
    HEIR = "heir"
    AGENT = "agent"


class RightsRequest(Base):
    """One request about one person's data."""

    __tablename__ = "rights_request"
    __table_args__ = (
        sa.CheckConstraint(
            "(state in ('granted', 'partly', 'refused', 'withdrawn')) = (settled_at is not null)", name="settled"
        ),
        sa.CheckConstraint("state not in ('partly', 'refused') or answer_sealed is not null", name="gives_reasons"),
        sa.CheckConstraint("state <> 'in_hand' or handled_by_id is not null", name="in_somebodys_hand"),
        sa.CheckConstraint("how in ('app', 'wechat') or recorded_by_id is not null", name="recorded_by_somebody"),
        sa.CheckConstraint("standing = 'self' or standing_proof is not null", name="standing_is_proved"),
        sa.CheckConstraint("due_at > asked_at", name="due_later"),
        sa.Index(
            "uq_rights_request_open",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
        sa.Index("ix_rights_request_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_rights_request_person_id_id", "person_id", "id"),
        sa.Index(
            "ix_rights_request_due_at",
            "due_at",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Whose desk answers; empty for somebody who belongs to no neighborhood: the operator answers."""
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """Whose data it is about."""
    asked_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who asked, when it was somebody else: guardian, heir, agent."""
    standing: Mapped[Standing]
    standing_proof: Mapped[Text255 | None]
    """Which paper was seen; no numbers of papers."""
    kind: Mapped[RightsKind]
    how: Mapped[ToldHow] = mapped_column(by_value(ToldHow, "asked_how"))
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[RightsState]
    words_sealed: Mapped[Cipher | None]
    """What exactly is asked: it may name names."""
    asked_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    handled_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    settled_at: Mapped[dt.datetime | None]
    answer_sealed: Mapped[Cipher | None]
    """What the person reads: what was done, what not, why, and whom to turn to."""
    outcome: Mapped[Json]
    """What was done in numbers: rows by table."""
    reminded_at: Mapped[dt.datetime | None]
    """When the desk was told that it is nearly or already due."""


class PrivacyRule(Base):
    """A period or limit of privacy that a place may set otherwise.  The most special row in force counts."""

    __tablename__ = "privacy_rule"
    __table_args__ = (
        sa.CheckConstraint("value > 0", name="value_positive"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_privacy_rule_code", "code", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    code: Mapped[Text32]
    value: Mapped[int]
    """In the unit that the code names: days, minutes, years."""
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]
