"""Recording: what somebody told the station by phone, on paper or at the door becomes the same ticket, same clocks."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Residency, TicketSource
from services import access
from services.actors import Actor
from services.errors import InvalidInput, NotFound
from services.people import PHONE_WRONG
from services.tickets.filing import Filed, Report, clean_text, facts_of, write_ticket
from services.vault import Vault, normal_phone

SOURCES = (TicketSource.PHONE, TicketSource.PAPER, TicketSource.VISIT)
CALLER_MISSING = "请写清是谁报的：选一位登记的居民，或者填来电人的姓名、电话。"


@dataclass(frozen=True)
class Caller:
    """For whom the station records a report: a registered resident, or somebody with a name and a phone."""

    person_id: int | None = None
    name: str | None = None
    phone: str | None = None


def record_ticket(
    session: Session,
    *,
    actor: Actor,
    report: Report,
    source: TicketSource,
    caller: Caller,
    vault: Vault,
    now: dt.datetime,
) -> Filed:
    """Record what somebody told the station by phone, on paper or at the door: the same ticket, the same clocks."""
    text = clean_text(report.text)
    contact = _contact(caller)
    facts = facts_of(session, report, now)
    if not actor.stands_above(facts.unit_path):
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    if caller.person_id is not None and not _registered(session, caller.person_id, facts.neighborhood_id):
        raise InvalidInput(
            "这位居民没有登记在本小区。请核对，或者只填姓名和电话。",
            code="caller_unknown",
            errors={"person_id": ["没有登记在本小区。"]},
        )
    who = {
        "reporter_id": caller.person_id,
        "recorded_by_id": actor.person_id,
        "contact_sealed": vault.seal(contact, "ticket.contact") if contact else None,
        "source": source,
    }
    return write_ticket(session, actor, report, facts, text=text, who=who, on_behalf_of=caller.person_id, now=now)


def _contact(caller: Caller) -> str | None:
    """Return name and phone of a caller who is not on the books, to be sealed; nothing for a registered resident.

    Raises ``InvalidInput`` when nobody is named, or by a phone that cannot be one.
    """
    if caller.person_id is None and not (caller.name or caller.phone):
        raise InvalidInput(CALLER_MISSING, code="caller_missing", errors={"caller_name": [CALLER_MISSING]})
    phone = normal_phone(caller.phone) if caller.phone else ""
    if phone is None:
        raise InvalidInput(PHONE_WRONG, code="phone_invalid", errors={"caller_phone": [PHONE_WRONG]})
    return f"{caller.name or ''} {phone}" if caller.name or phone else None


def _registered(session: Session, person_id: int, neighborhood_id: int) -> bool:
    query = sa.select(Residency.id).where(
        Residency.person_id == person_id, Residency.neighborhood_id == neighborhood_id, Residency.ends_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None
