"""Keys to one case: a lawyer or somebody of the justice office sees this case and nothing else, until it is over.

Whether a key still opens is never written down but looked at: its day, its withdrawal, and the case itself
(``services.access.may_see``, ``services.hats``).  So it ends with the case at once, whatever was forgotten.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CaseKey, OrgUnit, Person, Ticket
from services import access, audit, rights
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.org import telling
from services.org.memberships import day
from services.org.persons import Who, person_for
from services.permission_names import named
from services.permissions import KEY_CEILING, Permission
from services.vault import Vault

TITLE_MOST = 20
WHY_LEAST = 4
LONGEST = dt.timedelta(days=366)
"""A slip of the pen, not a rule: no case of ours lasts longer."""
TICKET = "ticket"


def give(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    who: Who,
    title: str,
    why: str,
    ends_at: dt.datetime,
    vault: Vault,
    now: dt.datetime,
    permissions: Collection[Permission] = (Permission.TICKET_READ,),
) -> CaseKey:
    """Give an outsider a key to a ticket that the actor sees.

    Raises ``InvalidInput`` beyond ``KEY_CEILING``, without a reason or with a day that has passed; ``Conflict`` when the
    case is over or the person has a key to it.
    """
    ticket = access.ticket_for(session, actor, ticket_id, change=True)
    title, why = title.strip(), why.strip()
    _check(title, why, ends_at, permissions, now)
    if ticket.settled_at is not None:
        raise Conflict("这张单子已经办完了，不用再给钥匙。", code="case_over", state=ticket.state.value)
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    _make_way(session, person.id, ticket.id, now)
    key = CaseKey(
        neighborhood_id=ticket.neighborhood_id,
        person_id=person.id,
        subject_kind=TICKET,
        subject_id=ticket.id,
        title=title,
        permissions={"given": sorted({*permissions, Permission.TICKET_READ})},
        starts_at=now,
        ends_at=ends_at,
        given_by_id=actor.person_id,
        given_why=why,
    )
    session.add(key)
    session.flush()
    _note(session, actor, key, "case_key.given", now, why)
    rights.changed(session, person_ids=[person.id], now=now)
    _tell_holder(session, key, ticket, now)
    return key


def withdraw(session: Session, *, actor: Actor, key_id: int, why: str, now: dt.datetime) -> CaseKey:
    """Take a key back at once.  Raises ``Conflict`` when it was taken back already."""
    key = key_for(session, actor, key_id, change=True)
    if key.withdrawn_at is not None:
        raise Conflict("这把钥匙已经收回了，不用再收。", code="key_withdrawn")
    why = why.strip()
    if len(why) < WHY_LEAST:
        raise InvalidInput("请写明收回的原因。", code="reason_missing", errors={"why": ["请写明原因。"]})
    key.withdrawn_at, key.withdrawn_by_id, key.withdrawn_why = now, actor.person_id, why
    _note(session, actor, key, "case_key.withdrawn", now, why)
    rights.changed(session, person_ids=[key.person_id], now=now)
    return key


def key_for(session: Session, actor: Actor, key_id: int, *, change: bool = False) -> CaseKey:
    """Return a key to a case in the actor's scope.  Raises ``NotFound``."""
    query = sa.select(CaseKey).where(CaseKey.id == key_id)
    key = session.scalar(query.with_for_update() if change else query)
    if key is None or not access.may_see(actor, session.get_one(Ticket, key.subject_id)):
        raise NotFound("没有找到这把钥匙。请从单子里点开。", code="key_not_found")
    return key


def of_ticket(session: Session, *, actor: Actor, ticket_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who was ever given a key to a ticket, by whom and why, and whether it opens still."""
    ticket = access.ticket_for(session, actor, ticket_id)
    rows = session.execute(
        sa.select(CaseKey, sa.func.coalesce(Person.known_as, Person.name_masked).label("name"))
        .join(Person, Person.id == CaseKey.person_id)
        .where(CaseKey.subject_kind == TICKET, CaseKey.subject_id == ticket.id)
        .order_by(CaseKey.id.desc())
    )
    over = ticket.settled_at is not None
    return [
        {
            **{name: getattr(key, name) for name in ("id", "person_id", "title", "starts_at", "ends_at", "given_why")},
            "name": name,
            "permissions": key.permissions["given"],
            "withdrawn_at": key.withdrawn_at,
            "withdrawn_why": key.withdrawn_why,
            "opens": not over and key.withdrawn_at is None and key.starts_at <= now < key.ends_at,
        }
        for key, name in rows
    ]


def _tell_holder(session: Session, key: CaseKey, ticket: Ticket, now: dt.datetime) -> None:
    telling.tell(
        session,
        person_id=key.person_id,
        unit=session.get_one(OrgUnit, ticket.neighborhood_id),
        title="请您参与一件事",
        body=(
            f"请您以“{key.title}”的身份看单号 {ticket.number}，到{day(key.ends_at)}或者这件事办完为止。"
            "请在“我的身份”里切换。"
        ),
        key=f"case_key:{key.id}",
        now=now,
    )


def _check(title: str, why: str, ends_at: dt.datetime, permissions: Collection[Permission], now: dt.datetime) -> None:
    if not title or len(title) > TITLE_MOST:
        said = f"请写来人的身份，比如“律师”，最多{TITLE_MOST}个字。"
        raise InvalidInput(said, code="title_invalid", errors={"title": [said]})
    if len(why) < WHY_LEAST:
        raise InvalidInput("请写明为什么请他来。", code="reason_missing", errors={"why": ["请写明原因。"]})
    if not now < ends_at <= now + LONGEST:
        said = "请写到哪一天为止，要晚于今天，最长一年。"
        raise InvalidInput(said, code="dates_invalid", errors={"ends_at": [said]})
    beyond = set(permissions) - KEY_CEILING
    if beyond:
        said = f"外请的人不能有这些权限：{named(beyond)}。"
        raise InvalidInput(said, code="beyond_ceiling", errors={"permissions": [said]})


def _make_way(session: Session, person_id: int, ticket_id: int, now: dt.datetime) -> None:
    """Refuse a second key while the first opens; one whose day has passed is put aside."""
    former = session.scalar(
        sa.select(CaseKey)
        .where(
            CaseKey.person_id == person_id,
            CaseKey.subject_kind == TICKET,
            CaseKey.subject_id == ticket_id,
            CaseKey.withdrawn_at.is_(None),
        )
        .with_for_update()
    )
    if former is None:
        return
    if former.ends_at > now:
        raise Conflict("这个人已经有这张单子的钥匙了。要改日期，请先收回再给。", code="has_key")
    former.withdrawn_at, former.withdrawn_why = former.ends_at, "到期"
    session.flush()


def _note(session: Session, actor: Actor, key: CaseKey, action: str, now: dt.datetime, why: str) -> None:
    detail = {"subject": [key.subject_kind, key.subject_id], "permissions": key.permissions["given"]}
    audit.note_on(session, actor, key, action, now, detail, why, about_person_id=key.person_id)
