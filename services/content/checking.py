"""From something written or photographed to WeChat's word on it.

Right after the commit of a ticket or a note its words and photos become rows that wait (``register``), each with an outbox
row: filing neither waits for WeChat nor fails with it.  What WeChat cannot say within half an hour goes to people.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from models import (
    SHOWN_STATES,
    Channel,
    ContentCheck,
    ContentKind,
    ContentState,
    ContentSubject,
    StoredFile,
    Ticket,
    TicketEvent,
    TicketPhoto,
    WeChatAccount,
    table_of,
)
from services import outbox
from services.content import telling
from services.content.moves import MOVES, Word
from services.errors import GatewayError, Rejected
from services.outbox import Claimed, enqueue
from services.ports import ContentChecker, Verdict
from services.tickets.moves import Action

log = structlog.get_logger(__name__)

PATIENCE = dt.timedelta(minutes=30)
"""WeChat promises the result of a photo within so long (小程序文档：音视频内容安全识别)."""
AT_ONCE = 200
TOPIC = "content.check"
WORDS = {"pass": Word.PASS, "risky": Word.RISKY, "review": Word.UNSURE}
NEVER_SHOWN = frozenset({Action.RATE, Action.REVEAL})
"""Neighbors never see the note of these."""


def register(session: Session, event: TicketEvent, ticket: Ticket, *, now: dt.datetime) -> None:
    """Have everything that came with an event checked; doing it twice changes nothing."""
    action = Action(event.action)
    author = event.actor_id or ticket.reporter_id
    found: list[tuple[ContentSubject, int]] = []
    if action is Action.FILE:
        found.append((ContentSubject.TICKET, ticket.id))
    if event.note and action not in NEVER_SHOWN:
        found.append((ContentSubject.TICKET_EVENT, event.id))
    photos = session.scalars(
        sa.select(TicketPhoto.file_id).where(TicketPhoto.event_id == event.id, TicketPhoto.ticket_id == ticket.id)
    )
    found += [(ContentSubject.PHOTO, file_id) for file_id in photos]
    for subject, subject_id in found:
        check_id = session.scalar(
            outbox.insert_once(session, table_of(ContentCheck))
            .values(
                neighborhood_id=ticket.neighborhood_id,
                ticket_id=ticket.id,
                subject_kind=subject,
                subject_id=subject_id,
                kind=ContentKind.IMAGE if subject is ContentSubject.PHOTO else ContentKind.TEXT,
                author_id=author,
                state=ContentState.PENDING,
                created_at=now,
            )
            .returning(ContentCheck.id)
        )
        if check_id is not None:
            enqueue(
                session,
                channel=Channel.CHECK,
                topic=TOPIC,
                dedupe_key=f"check:{check_id}",
                subject_id=check_id,
                neighborhood_id=ticket.neighborhood_id,
                now=now,
            )


@dataclass(frozen=True)
class Question:
    """What is asked of WeChat: a text, or the address of a photo; and as whom."""

    kind: ContentKind
    content: str
    openid: str | None


def questions(session: Session, batch: Sequence[Claimed], link: Callable[[str], str]) -> dict[int, Question]:
    """Return, by outbox id, what to ask; ``link`` makes the address at which WeChat can fetch a photo."""
    checks = {
        check.id: check
        for check in session.scalars(
            sa.select(ContentCheck).where(
                ContentCheck.id.in_({message.subject_id for message in batch}),
                ContentCheck.state == ContentState.PENDING,
                ContentCheck.asked_at.is_(None),
            )
        )
    }
    contents = _contents(session, checks.values(), link)
    openids = _openids(session, {check.author_id for check in checks.values()})
    return {
        message.id: Question(check.kind, contents[check.id], openids.get(check.author_id or 0))
        for message in batch
        if (check := checks.get(message.subject_id or 0)) is not None and check.id in contents
    }


def _contents(session: Session, checks: Any, link: Callable[[str], str]) -> dict[int, str]:
    ids: dict[ContentSubject, dict[int, int]] = {subject: {} for subject in ContentSubject}
    for check in checks:
        ids[check.subject_kind][check.subject_id] = check.id
    tickets = session.execute(
        sa.select(Ticket.id, Ticket.text, Ticket.place_note).where(Ticket.id.in_(ids[ContentSubject.TICKET]))
    )
    texts = {row.id: "\n".join(filter(None, (row.place_note, row.text))) for row in tickets}
    events = session.execute(
        sa.select(TicketEvent.id, TicketEvent.note).where(TicketEvent.id.in_(ids[ContentSubject.TICKET_EVENT]))
    )
    notes = {row.id: row.note for row in events}
    files = session.execute(
        sa.select(StoredFile.id, StoredFile.token).where(StoredFile.id.in_(ids[ContentSubject.PHOTO]))
    )
    links = {row.id: link(row.token) for row in files}
    by_subject = {
        ContentSubject.TICKET: texts,
        ContentSubject.TICKET_EVENT: notes,
        ContentSubject.PHOTO: links,
    }
    return {
        check_id: by_subject[subject][subject_id]
        for subject, known in ids.items()
        for subject_id, check_id in known.items()
        if subject_id in by_subject[subject]
    }


def _openids(session: Session, person_ids: set[int | None]) -> dict[int, str]:
    """Return the account that each person used last: WeChat wants one that was seen within two hours."""
    rows = session.execute(
        sa.select(WeChatAccount.person_id, WeChatAccount.openid)
        .where(WeChatAccount.person_id.in_(person_ids), WeChatAccount.unbound_at.is_(None))
        .order_by(WeChatAccount.last_seen_at)
    )
    return {row.person_id: row.openid for row in rows}


def ask(checker: ContentChecker, question: Question) -> Verdict | str:
    """Ask WeChat: a text gets its verdict at once, a photo a trace id under which it comes later.

    Raises what the port raises, and ``Rejected`` where there is nobody to ask as.
    """
    if question.openid is None:
        raise Rejected("写的人没有用微信，要请人看一看。", code="no_openid")
    if question.kind is ContentKind.TEXT:
        return checker.check_text(question.content, question.openid)
    return checker.check_image(question.content, question.openid)


def answered(session: Session, check_id: int, answer: Verdict | str, *, now: dt.datetime) -> None:
    """Write down what WeChat said of a text, or under which name it will say it of a photo."""
    check = session.get_one(ContentCheck, check_id, with_for_update=True)
    check.asked_at = check.asked_at or now
    if isinstance(answer, str):
        check.trace_id = check.trace_id or answer
        return
    check.trace_id = check.trace_id or answer.trace_id or None
    said(session, check, WORDS[answer.suggest], now=now, label=answer.label)


def gave_up(session: Session, check_id: int, error: Exception, *, now: dt.datetime) -> None:
    """WeChat will not say: people have to."""
    check = session.get_one(ContentCheck, check_id, with_for_update=True)
    reason = error.reason if isinstance(error, GatewayError) else "broken"
    said(session, check, Word.UNSURE, now=now, why=reason)


def heard(session: Session, fields: Mapping[str, Any], *, now: dt.datetime) -> str | None:
    """Take WeChat's push about a photo (``wxa_media_check``); return what came of it, as a code.

    Nothing means that its trace id is not known, perhaps not *yet*: WeChat can be faster than our own commit.
    """
    trace_id = fields.get("trace_id")
    check = session.scalar(sa.select(ContentCheck).where(ContentCheck.trace_id == str(trace_id)).with_for_update())
    if check is None:
        return None
    if str(fields.get("errcode", 0)) != "0":
        # Such as -1008: WeChat could not fetch the photo.  The result beside it means nothing.
        said(session, check, Word.UNSURE, now=now, why="wechat_could_not_look")
        return "could_not_look"
    result = fields.get("result")
    given = result if isinstance(result, Mapping) else {}
    label = str(given.get("label", ""))
    word = WORDS.get(str(given.get("suggest")), Word.UNSURE)
    said(session, check, word, now=now, label=int(label) if label.isdigit() else None)
    return word.value


def said(
    session: Session,
    check: ContentCheck,
    word: Word,
    *,
    now: dt.datetime,
    label: int | None = None,
    why: str | None = None,
) -> bool:
    """Apply WeChat's word, or that it has none; return whether it changed anything."""
    target = MOVES.get((check.state, word))
    if target is None:
        return False
    check.state, check.settled_at = target, now
    check.label = label if label is not None else check.label
    if target in SHOWN_STATES:
        check.why = None
        show(session, check)
    else:
        check.why = why or ("wechat_risky" if word is Word.RISKY else "wechat_unsure")
        telling.reviewers(session, check, now=now)
    session.flush()
    return True


def show(session: Session, check: ContentCheck) -> None:
    """Let neighbors see it."""
    if check.subject_kind is ContentSubject.TICKET:
        session.execute(sa.update(Ticket).where(Ticket.id == check.subject_id).values(text_shown=True))


def hand_over_late(session: Session, *, now: dt.datetime) -> int:
    """Give to people what WeChat has not said anything of for half an hour; return how many."""
    late = session.scalars(
        sa.select(ContentCheck)
        .where(ContentCheck.state == ContentState.PENDING, ContentCheck.created_at < now - PATIENCE)
        .order_by(ContentCheck.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for check in late:
        said(session, check, Word.UNSURE, now=now, why="no_result" if check.asked_at else "wechat_away")
    return len(late)
