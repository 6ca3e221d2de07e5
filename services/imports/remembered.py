"""Headings that a neighborhood confirmed once: they come first the next time."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportHeading, table_of
from services.imports.fields import Field, plain
from services.outbox import insert_for


def recall(session: Session, neighborhood_id: int) -> dict[str, Field]:
    """Return the fields of headings that were confirmed."""
    rows = session.execute(
        sa.select(ImportHeading.title, ImportHeading.field).where(ImportHeading.neighborhood_id == neighborhood_id)
    )
    known = set(Field)
    return {row.title: Field(row.field) for row in rows if row.field in known}


def remember(session: Session, batch: ImportBatch, now: dt.datetime) -> None:
    """Keep the headings of a batch, as they were confirmed; the newest word counts."""
    titles = {
        plain(one["title"]): one["field"]
        for sheet in batch.layout["sheets"]
        if sheet["use"]
        for one in sheet["columns"]
        if plain(one["title"])
    }
    if not titles:
        return
    statement = insert_for(session, table_of(ImportHeading)).values(
        [
            {"neighborhood_id": batch.neighborhood_id, "title": title, "field": name, "updated_at": now}
            for title, name in sorted(titles.items())
        ]
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["neighborhood_id", "title"], set_={"field": statement.excluded.field, "updated_at": now}
        )
    )
