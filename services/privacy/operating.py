"""What the operator does by command: new texts, other periods, and requests of people who belong to no neighborhood."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ConsentText, Person, RetentionRule, RightsKind, RightsRequest, RightsState
from services import audit
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import consents, desk, removal, retention
from services.vault import Vault

LEAST = 4


def new_text(
    session: Session, *, kind: str, body: str, changed: str, asks_again: bool, now: dt.datetime
) -> ConsentText:
    """Put a new version of a text in force; title and effect stay.  Raises ``NotFound`` for an unknown kind."""
    present = next((one.text for one in consents.shown(session, now=now) if one.kind.code == kind), None)
    if present is None:
        raise NotFound(f"没有“{kind}”这一项。", code="kind_not_found")
    body, changed = body.strip(), changed.strip()
    if not body or not changed:
        raise InvalidInput("正文和改了什么都要写。", code="words_missing")
    if body == present.body:
        raise Conflict("正文和现在的一样，不用换。", code="text_same")
    text = ConsentText(
        kind_code=kind,
        version=present.version + 1,
        title=present.title,
        body=body,
        effect=present.effect,
        changed=changed,
        asks_again=asks_again,
        since=now,
    )
    session.add(text)
    session.flush()
    audit.note(
        session, actor=None, now=now, action="consent_text.changed", subject=("consent_text", text.id),
        detail={"kind": kind, "version": text.version, "asks_again": asks_again},
    )  # fmt: skip
    return text


def set_retention(session: Session, *, subject: str, days: int, source: str, now: dt.datetime) -> int:
    """Give a rule another period; return the days that count.  Raises ``InvalidInput`` below what the law wants."""
    kept = retention.KEPT[subject]
    if days < kept.least_days:
        raise InvalidInput(f"{kept.name}至少要留{kept.least_days}天，不能再短。", code="too_short")
    today = local_day(now)
    open_one = session.scalar(
        sa.select(RetentionRule).where(RetentionRule.subject == subject, RetentionRule.until.is_(None))
    )
    if open_one is not None and open_one.since < today:
        open_one.until = today
        session.flush()
        open_one = None
    if open_one is not None:  # a second change on one day
        open_one.keep_days, open_one.source = days, source
    else:
        session.add(RetentionRule(subject=subject, action=kept.action, keep_days=days, since=today, source=source))
    session.flush()
    return days


def unplaced(session: Session) -> Sequence[RightsRequest]:
    """Return the open requests that no neighborhood's desk answers."""
    query = (
        sa.select(RightsRequest)
        .where(RightsRequest.neighborhood_id.is_(None), RightsRequest.settled_at.is_(None))
        .order_by(RightsRequest.due_at)
    )
    return session.scalars(query).all()


def answer(
    session: Session, *, request_id: int, words: str, refuse: bool, vault: Vault, now: dt.datetime
) -> RightsRequest:
    """Answer such a request; deletion and restriction are carried out unless refused."""
    request = session.scalar(
        sa.select(RightsRequest)
        .where(RightsRequest.id == request_id, RightsRequest.neighborhood_id.is_(None))
        .with_for_update()
    )
    if request is None:
        raise NotFound("没有这个申请，或者它归小区的服务站答复。", code="request_not_found")
    if request.settled_at is not None:
        raise Conflict("这个申请已经答复过了。", code="request_settled", state=request.state.value)
    words = words.strip()
    if len(words) < LEAST:
        raise InvalidInput("请写明答复。", code="answer_missing")
    if not refuse and request.kind is RightsKind.DELETE:
        request.outcome = removal.erase(session, person_id=request.person_id, actor=None, now=now).outcome
    if not refuse and request.kind is RightsKind.RESTRICT:
        session.get_one(Person, request.person_id).restricted_at = now
    request.state = RightsState.REFUSED if refuse else RightsState.GRANTED
    request.settled_at, request.answer_sealed = now, vault.seal(words, desk.ANSWER_LABEL)
    session.flush()
    desk.note(session, None, request, request.state.value, now)
    desk.tell_person(session, request, now)
    return request
