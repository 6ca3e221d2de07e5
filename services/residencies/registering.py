"""At the counter: the station writes somebody down who came with a paper, or who has no phone to ask with."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import Evidence, Residency, ResidencyKind
from services import access, audit, clocks, rights
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import InvalidInput
from services.org.persons import Who, person_for
from services.residencies import leaving, reaching, settling, shares, telling
from services.residencies.asking import EARLIEST
from services.residencies.settling import Settler
from services.vault import Vault

SEEN_AT_COUNTER = frozenset({
    Evidence.REGISTRATION, Evidence.DEED, Evidence.RESETTLEMENT, Evidence.LEASE, Evidence.MANDATE, Evidence.HOUSEHOLD_BOOK,
})  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What the station writes down."""

    who: Who
    kind: ResidencyKind
    since: dt.date
    evidence: Evidence = Evidence.REGISTRATION
    share_numerator: int | None = None
    share_denominator: int | None = None
    pays_fee: bool = False
    replaces_owner: bool = False


def register(
    session: Session, *, actor: Actor, home_id: int, entry: Entry, vault: Vault, now: dt.datetime
) -> Residency:
    """Write somebody down without a request.

    Raises what ``settling.settle`` raises, and ``Conflict`` for one's own home.
    """
    access.home_for(session, actor, home_id)
    reaching.require_uninvolved(session, actor, home_id=home_id)
    if entry.evidence not in SEEN_AT_COUNTER:
        said = "柜台登记请选看过的证件，或者选“服务站登记”。"
        raise InvalidInput(said, code="evidence_unfit", errors={"evidence": [said]})
    if not EARLIEST <= entry.since <= clocks.local_day(now):
        said = "开始的日子请写今天或者以前。"
        raise InvalidInput(said, code="since_invalid", errors={"since": [said]})
    share = shares.read(entry.kind, entry.share_numerator, entry.share_denominator)
    person = person_for(session, actor=actor, who=entry.who, vault=vault, now=now)
    if person.id in {actor.person_id, actor.agent_id}:
        said = "不能给自己登记。请站里另一位同事来办。"
        raise InvalidInput(said, code="own_request", errors={"person_id": [said]})
    since = dt.datetime.combine(entry.since, dt.time(), SHANGHAI)
    settling.locked(session, home_id)
    if entry.replaces_owner and entry.kind is ResidencyKind.OWNER:
        leaving.sell(session, home_id=home_id, buyer_id=person.id, sold_at=since, actor=actor, now=now)
    settler = Settler(person.id, entry.kind, entry.evidence, since, share, pays_fee=entry.pays_fee)
    residency = settling.settle(session, home_id=home_id, settler=settler, actor=actor, now=now)
    rights.changed(session, person_ids=[person.id], now=now)
    audit.note_on(
        session,
        actor,
        residency,
        "residency.registered",
        now,
        {"kind": entry.kind, "evidence": entry.evidence},
        about_person_id=person.id,
    )
    telling.arrived(session, residency, now=now)
    return residency
