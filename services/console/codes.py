"""One-time codes from the command line: the way in when WeChat is away, for people with a post."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ConsoleCode, Membership, OrgUnit, Person
from services import audit, inbox
from services.console.sessions import Lifetimes, Started, start
from services.errors import Conflict, NotFound
from services.hats import hats_of, which
from services.permissions import ROLE_NAMES
from services.residencies.invitations import code_hash, new_code
from services.terms import in_force
from services.vault import Vault, normal_phone

VALID_FOR = dt.timedelta(minutes=10)
KEPT = dt.timedelta(days=30)
CODE_UNKNOWN = "登录码不对，或者已经用过、过期了（10分钟内有效）。请核对一遍；还是不行，请管机器的人重新发一个。"
WHERE = "在“我的 → 我的登录”里结束它"
NOBODY = "没有找到用这个电话登记的工作人员。请核对号码。"


@dataclass(frozen=True)
class Given:
    """A new code, which is shown only now, and whom it is for."""

    code: str
    person_id: int
    name: str


def give(session: Session, *, phone: str, person_id: int | None, vault: Vault, now: dt.datetime) -> Given:
    """Make a code for the person with this phone who holds a post; earlier codes of theirs end.

    Raises ``NotFound`` when there is nobody, and ``Conflict``, which lists them, when several share the phone and
    ``person_id`` does not say which.
    """
    normal = normal_phone(phone)
    fingerprints = vault.fingerprints(normal, "person.phone") if normal else []
    rows = session.execute(
        sa.select(Person.id, Person.name_masked, Membership.role, OrgUnit.name.label("unit"))
        .join(Membership, Membership.person_id == Person.id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Person.phone_hash.in_(fingerprints), in_force(Membership.starts_at, Membership.ends_at, now))
        .order_by(Person.id, Membership.id)
    ).all()
    found = {row.id: row for row in reversed(rows) if person_id in {None, row.id}}
    if not found:
        raise NotFound(NOBODY, code="worker_unknown")
    if len(found) > 1:
        names = "；".join(
            f"{one.id}：{one.name_masked or '没有登记姓名'}（{one.unit}{ROLE_NAMES[one.role]}）"
            for one in sorted(found.values(), key=lambda row: row.id)
        )
        raise Conflict(f"这个电话有几个人在用，请用 --person 写明是谁。{names}。", code="several_persons")
    [person] = found.values()
    return Given(_new_code(session, person.id, now), person.id, person.name_masked or "没有登记姓名")


def _new_code(session: Session, person_id: int, now: dt.datetime) -> str:
    session.execute(
        sa.update(ConsoleCode)
        .where(ConsoleCode.person_id == person_id, ConsoleCode.used_at.is_(None), ConsoleCode.expires_at > now)
        .values(expires_at=now)
    )
    code = new_code()
    entry = ConsoleCode(person_id=person_id, code_hash=code_hash(code), created_at=now, expires_at=now + VALID_FOR)
    session.add(entry)
    session.flush()  # the audit trail names it
    audit.note(
        session,
        actor=None,
        now=now,
        action="console.code_given",
        subject=("console_code", entry.id),
        about_person_id=person_id,
    )
    return code


def redeem(session: Session, *, code: str, label: str, lifetimes: Lifetimes, now: dt.datetime) -> Started:
    """Sign a browser in by a code, in the first hat of its person, who is told.  Raises ``NotFound`` for any other code."""
    entry = session.scalar(sa.select(ConsoleCode).where(ConsoleCode.code_hash == code_hash(code)).with_for_update())
    if entry is None or entry.used_at is not None or entry.expires_at <= now:
        raise NotFound(CODE_UNKNOWN, code="console_code_unknown")
    started = start(
        session,
        person_id=entry.person_id,
        account_id=None,
        worn=which(hats_of(session, entry.person_id, now)[0]),
        label=label,
        lifetimes=lifetimes,
        now=now,
    )
    entry.used_at, entry.sign_in_id = now, started.actor.sign_in_id
    inbox.put(
        session,
        person_id=entry.person_id,
        neighborhood_id=started.actor.hat.neighborhood_id,
        title="有电脑用登录码登录了",
        body=f"{label}刚用一次性登录码，以您的身份登录了五有控制台。不是您本人的话，请马上{WHERE}，并告诉服务站。",
        dedupe_key=f"console-code:{entry.id}",
        now=now,
    )
    return started


def forget(session: Session, *, now: dt.datetime) -> None:
    """Drop codes that nobody can use any more; the audit trail keeps who was given one."""
    session.execute(sa.delete(ConsoleCode).where(ConsoleCode.created_at < now - KEPT))
