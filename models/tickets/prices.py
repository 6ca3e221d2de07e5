"""Paid work inside homes: the public price list, quotes, and what the resident said to them."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import QuoteWord
from models.types import BigId, BigRef, Text16, Text32, Text64, Text255, Text2000


class PriceItem(Base):
    """A line of the public price list, from a moment until another.  Another price is another row."""

    __tablename__ = "price_item"
    __table_args__ = (
        sa.CheckConstraint("price_fen >= 0", name="price_from_nought"),
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name="ends_after_start"),
        sa.Index("ix_price_item_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index(
            "uq_price_item_own",
            "neighborhood_id",
            "name",
            "unit",
            unique=True,
            sqlite_where=sa.text("ends_at is null and neighborhood_id is not null"),
            postgresql_where=sa.text("ends_at is null and neighborhood_id is not null"),
        ),
        sa.Index(
            "uq_price_item_general",
            "name",
            "unit",
            unique=True,
            sqlite_where=sa.text("ends_at is null and neighborhood_id is null"),
            postgresql_where=sa.text("ends_at is null and neighborhood_id is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    name: Mapped[Text64]
    unit: Mapped[Text16]
    price_fen: Mapped[int]
    """Fen per unit."""
    note: Mapped[Text255 | None]
    source: Mapped[Text255]
    """Who decided the price, and where it stands."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    set_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class TicketQuote(Base):
    """What the work would cost.  Only that it is withdrawn is written later, once."""

    __tablename__ = "ticket_quote"
    __table_args__ = (
        sa.CheckConstraint("sum_fen > 0", name="sum_positive"),
        sa.CheckConstraint("valid_until > made_at", name="valid_for_some_time"),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by_id is null) and (withdrawn_at is null) = (withdrawn_why is null)",
            name="withdrawal_is_whole",
        ),
        sa.Index("ix_ticket_quote_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    made_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    valid_until: Mapped[dt.datetime]
    sum_fen: Mapped[int]
    note: Mapped[Text2000 | None]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_why: Mapped[Text2000 | None]


class TicketQuoteLine(Base):
    """One line of a quote, as the price list says or freely with a reason.  Never changed, never deleted."""

    __tablename__ = "ticket_quote_line"
    __table_args__ = (
        sa.UniqueConstraint("quote_id", "position"),
        sa.CheckConstraint("quantity_centi > 0 and price_fen >= 0", name="quantity_positive"),
        sa.CheckConstraint(
            "amount_fen = (cast(quantity_centi as bigint) * price_fen + 50) / 100", name="amount_is_the_product"
        ),
        sa.CheckConstraint("price_item_id is not null or reason is not null", name="free_line_has_a_reason"),
    )

    id: Mapped[BigId]
    quote_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_quote.id"))
    position: Mapped[int]
    price_item_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("price_item.id"))
    name: Mapped[Text64]
    unit: Mapped[Text16]
    quantity_centi: Mapped[int]
    """Hundredths of the unit."""
    price_fen: Mapped[int]
    amount_fen: Mapped[int]
    """Rounded half up to whole fen."""
    reason: Mapped[Text255 | None]


class QuoteAnswer(Base):
    """The resident's word on a quote, and what is due by it.  Never changed, never deleted.

    Beyond the rules here, a trigger refuses a word that is not the reporter's, of whoever made the quote, after its time,
    or with another sum (migration ``prices``).
    """

    __tablename__ = "quote_answer"
    __table_args__ = (
        sa.UniqueConstraint("quote_id"),
        sa.CheckConstraint("role = 'resident'", name="word_is_the_residents"),
        sa.CheckConstraint("(word = 'agreed') = (due_fen is not null)", name="who_agrees_owes"),
        sa.CheckConstraint("(spoken_by_id <> said_by_id) = (mandate_id is not null)", name="agent_has_a_mandate"),
        sa.Index("ix_quote_answer_ticket_id", "ticket_id"),
        sa.Index("ix_quote_answer_neighborhood_id_at", "neighborhood_id", "at"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    quote_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_quote.id"))
    word: Mapped[QuoteWord]
    at: Mapped[dt.datetime]
    said_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    spoken_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Text32]
    mandate_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("mandate.id"))
    due_fen: Mapped[int | None]
    """What is to be paid, in fen: the sum of the quote."""
    note: Mapped[Text2000 | None]
