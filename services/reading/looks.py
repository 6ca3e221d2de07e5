"""谁看过我的信息: who read, exported or imported a person's data, when, in which office and why."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import (
    AuditEntry,
    ExportCopy,
    Home,
    ImportPerson,
    Membership,
    OrgUnit,
    Person,
    Position,
    Residency,
    Reveal,
    Role,
)
from services import merged
from services.actors import Actor
from services.clocks import SHANGHAI
from services.permissions import ROLE_NAMES
from services.reading.pages import Page, PageRequest, fetch
from services.revealing import FIELD_NAMES, WORDS_LABEL, Field
from services.vault import Vault

Words = Callable[[Mapping[str, Any]], str]


def _fields(detail: Mapping[str, Any]) -> str:
    shown = [FIELD_NAMES[one] for one in Field if one.value in detail.get("fields", ())]
    return f"看了您的{'、'.join(shown) or '资料'}"


def _copy(detail: Mapping[str, Any]) -> str:
    return "导出了一份有您的名单" + ("，姓名电话是全的" if detail.get("readable") else "，姓名电话只露一部分")


LOOKS: dict[str, Words] = {
    "care.looked": lambda _: "看了您的关怀登记",
    "consent.paper_seen": lambda _: "看了您签过字的那张纸的照片",
    "import.apply_asked": lambda _: "从表格里登记了您的资料",
    "mandate.paper_seen": lambda _: "看了您委托别人代办时签过字的那张纸的照片",
    "mandate.used": lambda _: "开始替您办事（代办）",
    "person.exported": lambda _: "取了一份您的全部资料",
    "person.revealed": _fields,
    "register.exported": _copy,
}
"""Acts of the audit trail that a person reads about here, and how they are told.  ADD YOURS when it shows personal data."""

_viewer = aliased(Person)
_doer = sa.func.coalesce(AuditEntry.agent_id, AuditEntry.actor_id)
_LOOKS = (
    sa.select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.action,
        AuditEntry.role,
        AuditEntry.purpose,
        AuditEntry.detail,
        _doer.label("viewer_id"),
        _viewer.name_masked.label("viewer"),
        Position.title.label("title"),
        OrgUnit.name.label("unit"),
        Reveal.words_sealed,
        ExportCopy.reason,
        ExportCopy.is_readable,
    )
    .outerjoin(_viewer, _viewer.id == _doer)
    .outerjoin(Membership, Membership.id == AuditEntry.membership_id)
    .outerjoin(Position, Position.id == Membership.position_id)
    .outerjoin(OrgUnit, OrgUnit.id == Membership.unit_id)
    .outerjoin(Reveal, Reveal.audit_entry_id == AuditEntry.id)
    .outerjoin(ExportCopy, sa.and_(AuditEntry.subject_kind == "export_copy", ExportCopy.id == AuditEntry.subject_id))
    .where(AuditEntry.action.in_(LOOKS))
)


def mine(connection: sa.Connection, *, actor: Actor, vault: Vault, page: PageRequest) -> Page:
    """Return who looked at the actor's data, newest first.  What the actor did alone is no look of somebody.

    Looks at a person who was merged into the actor are among them.
    """
    me = merged.all_ids(connection, actor.person_id)
    about_me = sa.union_all(
        sa.select(AuditEntry.id).where(AuditEntry.about_person_id.in_(me), AuditEntry.action.in_(LOOKS)),
        sa.select(AuditEntry.id).where(
            AuditEntry.subject_kind == "export_copy", AuditEntry.subject_id.in_(_copies(me))
        ),
        sa.select(AuditEntry.id).where(
            AuditEntry.subject_kind == "import_batch",
            AuditEntry.subject_id.in_(sa.select(ImportPerson.batch_id).where(ImportPerson.person_id.in_(me))),
        ),
    )
    query = _LOOKS.where(AuditEntry.id.in_(about_me), sa.or_(_doer.is_(None), _doer.not_in(me)))
    found = fetch(connection, query, AuditEntry.id.expression, page)
    return Page([_told(row, vault) for row in found.items], found.next)


def _copies(ids: Collection[int]) -> sa.Select[int]:
    """Return the workbooks that a person stood in: those of a unit above a home that was theirs at the time."""
    below, above = aliased(OrgUnit), aliased(OrgUnit)
    return (
        sa.select(ExportCopy.id)
        .join(above, above.id == ExportCopy.unit_id)
        .join(Residency, Residency.neighborhood_id == ExportCopy.neighborhood_id)
        .join(Home, Home.id == Residency.home_id)
        .join(below, below.id == Home.building_id)
        .where(Residency.person_id.in_(ids), Residency.starts_at <= ExportCopy.made_at)
        .where(sa.or_(Residency.ends_at.is_(None), Residency.ends_at > ExportCopy.made_at))
        .where(below.path.startswith(above.path))
    )


def _told(row: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """Return a look as the person reads it."""
    words = vault.open(row["words_sealed"], WORDS_LABEL) if row["words_sealed"] else None
    title = row["title"] or (ROLE_NAMES[Role(row["role"])] if row["role"] else "系统管理员")
    detail = {**row["detail"], **({} if row["is_readable"] is None else {"readable": row["is_readable"]})}
    what = LOOKS[row["action"]](detail)
    why = row["purpose"] or row["reason"]
    return {
        "id": row["id"],
        "at": row["at"],
        "viewer": row["viewer"],
        "title": title,
        "unit": row["unit"],
        "what": what,
        "why": why,
        "words": words,
        "said": _sentence(row["at"], f"{row['unit'] or ''}{title}{row['viewer'] or ''}", what, why, words),
    }


def _sentence(at: dt.datetime, who: str, what: str, why: str | None, words: str | None) -> str:
    moment = at.astimezone(SHANGHAI)
    reasons = "：".join(one.rstrip("。") for one in (why, words) if one)
    because = f"，用途是：{reasons}" if reasons else ""
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}，{who}{what}{because}。"
