"""The reviewer's list: what WeChat would not let pass or could not judge, and the last word of a person."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    ContentCheck,
    ContentState,
    ContentSubject,
    OrgUnit,
    StoredFile,
    Ticket,
    TicketEvent,
)
from services import audit
from services.actors import Actor
from services.content import checking, telling
from services.content.moves import MOVES, Word
from services.errors import Conflict, InvalidInput, NotFound
from services.reading.pages import Page, PageRequest, fetch

REVIEW_MISSING = "没有找到这条要核对的内容，或者它不归您管。请回到列表再看。"
REASON_MISSING = "请写一句为什么不公开，对方会看到。"

LABELS = {
    100: "正常",
    10001: "广告",
    20001: "时政",
    20002: "色情",
    20003: "辱骂",
    20006: "违法犯罪",
    20008: "欺诈",
    20012: "低俗",
    20013: "版权",
    21000: "其他",
}
"""What WeChat's labels are called (小程序文档：文本内容安全识别)."""

WHYS = {
    "wechat_risky": "微信认为不合适",
    "wechat_unsure": "微信拿不准",
    "wechat_could_not_look": "微信没有取到照片",
    "wechat_openid_unseen": "写的人两小时内没有打开过小程序，微信不给核对",
    "no_openid": "写的人没有用微信，微信没法核对",
    "no_result": "微信半小时没有给结果",
    "wechat_away": "半小时连不上微信",
}
OTHERWISE = "微信没有给出结果"

_LIST = (
    sa.select(
        ContentCheck.id,
        ContentCheck.ticket_id,
        Ticket.number,
        ContentCheck.kind,
        ContentCheck.subject_kind,
        ContentCheck.state,
        ContentCheck.label,
        ContentCheck.why,
        ContentCheck.created_at,
        sa.case((ContentCheck.subject_kind == ContentSubject.TICKET, Ticket.text), else_=TicketEvent.note).label(
            "text"
        ),
        sa.case((ContentCheck.subject_kind == ContentSubject.TICKET, Ticket.place_note)).label("place_note"),
        StoredFile.token.label("photo"),
    )
    .join(Ticket, Ticket.id == ContentCheck.ticket_id)
    .outerjoin(
        TicketEvent,
        sa.and_(ContentCheck.subject_kind == ContentSubject.TICKET_EVENT, TicketEvent.id == ContentCheck.subject_id),
    )
    .outerjoin(
        StoredFile,
        sa.and_(ContentCheck.subject_kind == ContentSubject.PHOTO, StoredFile.id == ContentCheck.subject_id),
    )
    .join(OrgUnit, OrgUnit.id == ContentCheck.neighborhood_id)
    .where(ContentCheck.state.in_([ContentState.RISKY, ContentState.REVIEW]))
)


def waiting(connection: sa.Connection, *, actor: Actor, page: PageRequest) -> Page:
    """Return what waits for a person below the actor's node, newest first: one statement."""
    statement = _LIST.where(Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True))
    if actor.hat.neighborhood_id is not None:
        statement = statement.where(ContentCheck.neighborhood_id == actor.hat.neighborhood_id)
    found = fetch(connection, statement, ContentCheck.id.expression, page)
    for item in found.items:
        item["why"] = WHYS.get(item["why"], OTHERWISE)
        item["label"] = LABELS.get(item["label"])
    return found


def approve(session: Session, *, actor: Actor, check_id: int, now: dt.datetime) -> None:
    """Let neighbors see it.  Raises ``NotFound`` and ``Conflict``."""
    check = _decided(session, actor, check_id, Word.APPROVE, None, now)
    checking.show(session, check)


def refuse(session: Session, *, actor: Actor, check_id: int, reason: str, now: dt.datetime) -> None:
    """Keep it from neighbors, and tell the author kindly why.  The original stays.

    Raises ``NotFound``, ``Conflict``, and ``InvalidInput`` without a reason.
    """
    if not reason.strip():
        raise InvalidInput(REASON_MISSING, code="reason_missing", errors={"reason": [REASON_MISSING]})
    check = _decided(session, actor, check_id, Word.REFUSE, reason.strip(), now)
    telling.author(session, check, now=now)


def _decided(
    session: Session, actor: Actor, check_id: int, word: Word, reason: str | None, now: dt.datetime
) -> ContentCheck:
    row = session.execute(
        sa.select(ContentCheck, Ticket.unit_path)
        .join(Ticket, Ticket.id == ContentCheck.ticket_id)
        .where(ContentCheck.id == check_id)
        .with_for_update(of=ContentCheck)
    ).one_or_none()
    if row is None or not actor.stands_above(row.unit_path):
        raise NotFound(REVIEW_MISSING, code="review_not_found")
    check: ContentCheck = row.ContentCheck
    before = check.state
    target = MOVES.get((before, word))
    if target is None:
        raise Conflict("这条内容已经有结论了，不用再核对。请刷新列表。", code="review_settled", state=before)
    check.state, check.settled_at = target, now
    check.decided_by_id, check.reason = actor.person_id, reason
    audit.note_on(
        session,
        actor,
        check,
        f"content.{target.value}",
        now,
        {"state": [before.value, target.value], "kind": check.kind.value},
        about_person_id=check.author_id,
    )
    session.flush()
    return check
