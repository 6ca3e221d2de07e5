"""Everything about a person in one file, for the person: to see it, to take it along (PIPL 45).

The tables come from ``services.privacy.about``.  Sealed values are opened; what is a secret of the machinery, and who else
stands in a row, is left out.  Key households are not in it: a file lies about on a family's phone.
"""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Base, Person
from services import audit, merged
from services.actors import Actor
from services.clocks import SHANGHAI
from services.privacy import hands, recording, selves
from services.privacy.about import TABLES, About, rows_about
from services.privacy.export_names import COLUMN_NAMES
from services.sealing.columns import SEALED
from services.vault import Vault

LABELS = {one.where: one.label for one in SEALED}
SECRETS = frozenset({
    "person.phone_hash", "wechat_account.session_key_sealed", "wechat_account.openid", "wechat_account.unionid",
    "stored_file.storage_key", "stored_file.sha256", "inbox_item.dedupe_key",
})  # fmt: skip
"""Ours, or WeChat's: of no use to the person, of use to a thief.  Hashes are left out by their name."""
CARE_ELSEWHERE = "关怀登记不放进文件，怕被别人看到。请在“我的—关怀登记”里看，里面写着谁看得到、看过几次。"


def own(session: Session, *, actor: Actor, vault: Vault, now: dt.datetime) -> dict[str, Any]:
    """Return everything about the actor."""
    hands.own(actor)
    return _everything(session, actor.person_id, actor, vault, now)


def of_person(
    session: Session, *, actor: Actor, person_id: int, purpose: str, vault: Vault, now: dt.datetime
) -> dict[str, Any]:
    """Return everything about somebody who asked at the window, to be printed for them.  On record, with the request."""
    person = recording.person_in_scope(session, actor=actor, person_id=person_id, vault=vault, now=now)
    return _everything(session, person.id, actor, vault, now, purpose=purpose)


def as_text(file: dict[str, Any]) -> str:
    """Return the file as text that can be printed in large letters and read aloud."""
    lines = ["我的资料", f"整理时间：{_said(file['made_at'])}", ""]
    for section in file["sections"]:
        lines.append(f"【{section['name']}】共{len(section['rows'])}条")
        for number, row in enumerate(section["rows"], start=1):
            said = [
                f"{COLUMN_NAMES[name]}：{_said(value)}"
                for name, value in row.items()
                if value is not None and name in COLUMN_NAMES
            ]
            lines.append(f"{number}. {'；'.join(said) or '（只有编号）'}。")
        lines.append("")
    return "\n".join([*lines, file["note"], ""])


def _everything(
    session: Session, person_id: int, actor: Actor, vault: Vault, now: dt.datetime, *, purpose: str | None = None
) -> dict[str, Any]:
    ids = merged.all_ids(session, person_id)
    person = Base.metadata.tables[Person.__tablename__]
    sections: list[dict[str, Any]] = [
        {"table": Person.__tablename__, "name": "姓名电话", "rows": _rows(session, person, person.c.id.in_(ids), vault)}
    ]
    for line in TABLES:
        rows = _rows_of(session, line, ids, vault) if line.about and line.exported else []
        if rows:
            sections.append({"table": line.table, "name": line.name, "rows": rows})
    audit.note(
        session,
        actor=actor,
        now=now,
        action="person.exported",
        subject=("person", person_id),
        about_person_id=person_id,
        neighborhood_id=selves.neighborhood_of(session, person_id),
        purpose=purpose,
        detail={section["table"]: len(section["rows"]) for section in sections},
    )
    return {"made_at": now, "sections": sections, "note": CARE_ELSEWHERE}


def _rows_of(session: Session, line: About, ids: set[int], vault: Vault) -> list[dict[str, Any]]:
    return _rows(session, Base.metadata.tables[line.table], rows_about(line, ids), vault)


def _rows(session: Session, table: sa.Table, which: sa.ColumnElement[bool], vault: Vault) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if _may_go(column)]
    order = list(table.primary_key.columns)
    found = session.execute(sa.select(*columns).where(which).order_by(*order)).mappings()
    return [{column.name: _readable(column, row[column.name], vault) for column in columns} for row in found]


def _may_go(column: sa.Column[Any]) -> bool:
    """Whether a column says something to the person: no secrets, and nobody else."""
    where = f"{column.table.name}.{column.name}"
    if where in SECRETS or column.name.endswith("_hash") or _target(column) in {"person", "wechat_account"}:
        return False
    return not isinstance(column.type, sa.LargeBinary) or where in LABELS


def _target(column: sa.Column[Any]) -> str | None:
    return next((key.column.table.name for key in column.foreign_keys), None)


def _readable(column: sa.Column[Any], value: Any, vault: Vault) -> Any:
    if isinstance(value, bytes):
        return vault.open(value, LABELS[f"{column.table.name}.{column.name}"])
    return value.value if isinstance(value, enum.Enum) else value


def _said(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        local = value.astimezone(SHANGHAI)
        return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)
