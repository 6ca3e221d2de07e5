"""Which rows are old, and how those go for which a DELETE is too much or too little.  The rules are in ``retention``."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Base,
    Channel,
    Consent,
    ImportBatch,
    ImportChange,
    ImportRow,
    ImportState,
    Membership,
    Person,
    PersonKeyKind,
    PersonSearchKey,
    Residency,
    ResidencyPhoto,
    ResidencyRequest,
    StoredFile,
    Ticket,
    TicketPhoto,
    WeChatAccount,
    table_of,
)
from services import outbox
from services.privacy.removal import PERSONAL_OF_TICKET

Old = Callable[[dt.datetime], sa.ColumnElement[bool]]
"""From the moment before which rows are old to the condition that a row is."""
FILE_REMOVAL = "file.remove"


def tickets(*urgent: sa.ColumnElement[bool]) -> Old:
    """Tickets settled long ago that still name somebody."""
    known = sa.or_(Ticket.reporter_id.is_not(None), *(getattr(Ticket, one).is_not(None) for one in PERSONAL_OF_TICKET))
    return lambda before: sa.and_(Ticket.settled_at < before, known, *urgent)


def forget_reporters(session: Session, which: sa.ColumnElement[bool], _: dt.datetime) -> None:
    """Keep the tickets for the statistics, without the person."""
    nothing: dict[str, Any] = dict.fromkeys((*PERSONAL_OF_TICKET, "reporter_id"))
    session.execute(sa.update(table_of(Ticket)).where(which).values(**nothing))


def moved_away(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Lived here once, no longer, holds no office, and has not opened the mini-program since."""
    lives = sa.exists().where(
        Residency.person_id == Person.id, sa.or_(Residency.ends_at.is_(None), Residency.ends_at >= before)
    )
    lived = sa.exists().where(Residency.person_id == Person.id)
    works = sa.exists().where(
        Membership.person_id == Person.id, sa.or_(Membership.ends_at.is_(None), Membership.ends_at >= before)
    )
    seen = sa.exists().where(WeChatAccount.person_id == Person.id, WeChatAccount.last_seen_at >= before)
    return sa.and_(Person.phone_sealed.is_not(None), lived, ~lives, ~works, ~seen)


def forget_phones(session: Session, which: sa.ColumnElement[bool], _: dt.datetime) -> None:
    """Forget the phones of persons, and that they were found by them."""
    ids = sa.select(Person.id).where(which)
    session.execute(
        sa.delete(table_of(PersonSearchKey)).where(
            PersonSearchKey.person_id.in_(ids), PersonSearchKey.kind == PersonKeyKind.PHONE_TAIL
        )
    )
    nothing: dict[str, Any] = dict.fromkeys(("phone_sealed", "phone_masked", "phone_hash"))
    session.execute(sa.update(table_of(Person)).where(which).values(**nothing))


def of_erased(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Consents of persons who were erased."""
    erased = sa.exists().where(Person.id == Consent.about_person_id, Person.erased_at < before)
    return sa.and_(Consent.ended_at < before, erased)


def ticket_photos(*urgent: sa.ColumnElement[bool]) -> Old:
    """Photos of tickets settled long ago."""
    return lambda before: sa.exists().where(Ticket.id == TicketPhoto.ticket_id, Ticket.settled_at < before, *urgent)


def papers(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Photos of deeds and leases of requests with which nothing has happened for long."""
    return sa.exists().where(ResidencyRequest.id == ResidencyPhoto.request_id, ResidencyRequest.state_since < before)


def loose_photos(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Photos that no row points to: uploaded and never sent in, or let go of with what they belonged to."""
    file = table_of(StoredFile)
    nobody_points = [
        ~sa.exists().where(key.parent == file.c.id)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is file
    ]
    return sa.and_(StoredFile.created_at < before, *nobody_points)


def let_go_of_photos(session: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> None:
    """Remove the rows of photos; their bytes go by the outbox, after the commit and until the store has done it."""
    file = table_of(StoredFile)
    gone = session.execute(sa.delete(file).where(which).returning(file.c.storage_key)).scalars()
    for key in gone.all():
        outbox.enqueue(
            session,
            channel=Channel.FILE,
            topic=FILE_REMOVAL,
            dedupe_key=f"{FILE_REMOVAL}:{key}",
            payload={"key": key},
            now=now,
        )


def imports(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Batches whose workbook is still kept, except those that a worker has in hand."""
    ended = sa.func.coalesce(ImportBatch.undone_at, ImportBatch.applied_at, ImportBatch.created_at)
    busy = (ImportState.MAPPED, ImportState.APPLYING)
    return sa.and_(ended < before, ImportBatch.forgotten_at.is_(None), ImportBatch.state.not_in(busy))


def forget_imports(session: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> None:
    """Close batches for good before anything of them goes: half of what undoing needs must never be undone."""
    session.execute(sa.update(table_of(ImportBatch)).where(which).values(forgotten_at=now))


def of_forgotten(model: type[ImportRow] | type[ImportChange]) -> Old:
    """Rows of batches that were closed for good."""
    return lambda before: sa.exists().where(ImportBatch.id == model.batch_id, ImportBatch.forgotten_at < before)
