"""Acting for someone (代办): who may act for whom, in which matters, until when, and how the consent was given.

A mandate is never deleted: it ends.  What was done under it stands in the histories of the domains, which name both.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Text16, Text64, Text255, Text2000

ALIVE = "state in ('offered', 'in_force')"
CALLS = "means = 'call' and answer is null"


class ActingArea(enum.StrEnum):
    """What a mandate is for.  Which permissions belong to an area says ``services.areas``."""

    TICKETS = "tickets"
    HOMES = "homes"
    FEES = "fees"
    VOTES = "votes"
    MEDIATION = "mediation"
    MESSAGES = "messages"


class MandateConsent(enum.StrEnum):
    """How the principal said yes."""

    IN_APP = "in_app"
    SPOKEN = "spoken"
    PAPER = "paper"


class AgentRelation(enum.StrEnum):
    """What the agent is to the principal."""

    DAUGHTER = "daughter"
    SON = "son"
    SPOUSE = "spouse"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    RELATIVE = "relative"
    NEIGHBOR = "neighbor"
    VOLUNTEER = "volunteer"
    STATION = "station"


class MandateState(enum.StrEnum):
    """Where a mandate stands.  Whether one in force counts today, its dates say."""

    OFFERED = "offered"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Nobody accepted the offer in time."""
    EXPIRED = "expired"


class MandateSide(enum.StrEnum):
    """Who ended a mandate."""

    PRINCIPAL = "principal"
    AGENT = "agent"
    STATION = "station"
    CLOCK = "clock"


class ReadBackMeans(enum.StrEnum):
    """How a principal is told what was done."""

    INBOX = "inbox"
    CALL = "call"


class ReadBackAnswer(enum.StrEnum):
    """What a principal says to it."""

    AGREED = "agreed"
    QUESTION = "question"


class MandateRule(Base):
    """How long a mandate lasts and for how many one agent may vote.  The most special row in force counts."""

    __tablename__ = "mandate_rule"
    __table_args__ = (
        sa.CheckConstraint("usual_days between 1 and most_days", name="days"),
        sa.CheckConstraint("offer_days > 0", name="offer_days_positive"),
        sa.CheckConstraint("votes_most >= 0", name="votes_not_negative"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_mandate_rule_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    usual_days: Mapped[int]
    most_days: Mapped[int]
    offer_days: Mapped[int]
    """Days for which an offer waits for its answer."""
    votes_most: Mapped[int]
    """Principals for whom one agent may vote."""
    votes_by_word: Mapped[bool]
    """Whether a spoken consent is enough to vote for somebody."""
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class MandateText(Base):
    """The words to which a principal says yes.  New words are a new version; a mandate keeps the one it was given under."""

    __tablename__ = "mandate_text"
    __table_args__ = (
        sa.UniqueConstraint("consent", "version"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )

    id: Mapped[BigId]
    consent: Mapped[MandateConsent]
    version: Mapped[int]
    words: Mapped[Text2000]
    since: Mapped[dt.date]
    """The newest version whose day has come counts."""
    source: Mapped[Text255]


class Mandate(Base):
    """One person (the agent) may act for another (the principal) in a neighborhood."""

    __tablename__ = "mandate"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("agent_id <> principal_id", name="between_two"),
        sa.CheckConstraint("agent_id is not null or state in ('offered', 'withdrawn', 'lapsed')", name="agent_known"),
        sa.CheckConstraint(
            "(state in ('offered', 'in_force')) = (ended_at is null) and (ended_at is null) = (ended_side is null)",
            name="ended",
        ),
        sa.CheckConstraint("(consent = 'in_app') = (offered_until is not null)", name="offered_in_the_app"),
        sa.CheckConstraint("(consent = 'in_app') = (recorded_by_id is null)", name="recorded_by_somebody"),
        sa.CheckConstraint(
            "(consent = 'spoken') = (witness_id is not null) and witness_id <> recorded_by_id"
            " and witness_id <> principal_id and witness_id <> agent_id",
            name="spoken_before_a_witness",
        ),
        sa.CheckConstraint("(consent = 'paper') = (file_id is not null)", name="paper_is_kept"),
        sa.CheckConstraint("recorded_by_id <> agent_id and recorded_by_id <> principal_id", name="recorded_by_a_third"),
        sa.Index(
            "uq_mandate_alive",
            "neighborhood_id",
            "principal_id",
            "agent_id",
            unique=True,
            sqlite_where=sa.text(ALIVE),
            postgresql_where=sa.text(ALIVE),
        ),
        sa.Index("ix_mandate_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_mandate_principal_id_id", "principal_id", "id"),
        sa.Index("ix_mandate_agent_id_id", "agent_id", "id"),
        sa.Index(
            "ix_mandate_alive_ends_at",
            "ends_at",
            sqlite_where=sa.text(ALIVE),
            postgresql_where=sa.text(ALIVE),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    """It counts for homes, tickets and messages of this neighborhood only."""
    principal_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right things are done."""
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who does them; empty until somebody enters the code of an offer."""
    relation: Mapped[AgentRelation]
    consent: Mapped[MandateConsent]
    text_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("mandate_text.id"))
    """The words the principal said yes to."""
    state: Mapped[MandateState]
    code_hash: Mapped[Text64 | None] = mapped_column(unique=True)
    offered_until: Mapped[dt.datetime | None]
    consented_at: Mapped[dt.datetime]
    """When the principal tapped, spoke or signed."""
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who of the station heard it, or took the paper in."""
    witness_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who heard it too."""
    file_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("stored_file.id"), unique=True)
    """The photo of the signed paper."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ended_side: Mapped[MandateSide | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who typed it: one of the two, or the station when one of them called.  Empty: the clock."""
    created_at: Mapped[dt.datetime]


class MandateArea(Base):
    """A matter that a mandate covers."""

    __tablename__ = "mandate_area"

    mandate_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("mandate.id"), primary_key=True)
    area: Mapped[ActingArea] = mapped_column(primary_key=True)


class ReadBack(Base):
    """A principal is told what was done for them in a month: in the inbox, or by a call for those without a phone."""

    __tablename__ = "read_back"
    __table_args__ = (
        sa.UniqueConstraint("mandate_id", "month"),
        sa.CheckConstraint("acts > 0", name="something_was_done"),
        sa.CheckConstraint("tries >= 0 and (tries = 0) = (last_tried_at is null)", name="tried_at_some_time"),
        sa.CheckConstraint(
            "(answer is null) = (answered_at is null) and (answer is null) = (answered_by_id is null)",
            name="answered_by_somebody",
        ),
        sa.CheckConstraint("words_sealed is null or answer is not null", name="words_of_an_answer"),
        sa.Index(
            "ix_read_back_calls",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text(CALLS),
            postgresql_where=sa.text(CALLS),
        ),
        sa.Index("ix_read_back_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_read_back_principal_id_id", "principal_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    mandate_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("mandate.id"))
    principal_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    month: Mapped[Text16]
    """2026-11, Asia/Shanghai."""
    means: Mapped[ReadBackMeans]
    acts: Mapped[int]
    """How many things were done."""
    created_at: Mapped[dt.datetime]
    tries: Mapped[int]
    """Calls that nobody answered."""
    last_tried_at: Mapped[dt.datetime | None]
    answer: Mapped[ReadBackAnswer | None]
    words_sealed: Mapped[Cipher | None]
    """What the principal said, in their words."""
    answered_at: Mapped[dt.datetime | None]
    answered_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who called and wrote the answer down, or the principal."""
