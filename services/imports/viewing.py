"""What people see of a batch: its progress, its columns with examples, its differences row by row.  Everything masked."""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AreaBasis, HomeUse, ImportBatch, ImportRow, ResidencyKind, RowOutcome
from services import access
from services.actors import Actor
from services.imports import batches, moves
from services.imports.applying import open_plan
from services.imports.batches import batch_for, line_of
from services.imports.fields import FIELD_NAMES, Field
from services.imports.moves import STATE_NAMES
from services.imports.plans import RowPlan
from services.imports.problems import SAID, Code, Problem
from services.masking import mask_id_number, mask_name, mask_phone
from services.reading.pages import Page, PageRequest, cut, decode, fetch
from services.vault import Vault

EXAMPLES = 3
LOOKED_AT = 30
"""Rows in which examples of a column are looked for."""
PEOPLE = frozenset({Field.OWNER, Field.NAME, Field.CO_OWNER, Field.TENANT})
KIND_NAMES: Mapping[ResidencyKind, str] = {
    ResidencyKind.OWNER: "业主",
    ResidencyKind.CO_OWNER: "共有人",
    ResidencyKind.FAMILY: "家属",
    ResidencyKind.TENANT: "租户",
    ResidencyKind.OCCUPANT: "使用人",
    ResidencyKind.AGENT: "代管人",
}
USE_NAMES: Mapping[HomeUse, str] = {
    HomeUse.DWELLING: "住宅",
    HomeUse.SHOP: "商铺",
    HomeUse.OFFICE: "办公",
    HomeUse.STORAGE: "仓储",
    HomeUse.PUBLIC: "公用",
}
BASIS_NAMES: Mapping[AreaBasis, str] = {
    AreaBasis.REGISTERED: "产权证",
    AreaBasis.SURVEYED: "实测",
    AreaBasis.CONTRACT: "合同",
    AreaBasis.SELF_DECLARED: "自己报的",
}
_LIST = sa.select(
    ImportBatch.id,
    ImportBatch.state,
    ImportBatch.file_name,
    ImportBatch.rows_total,
    ImportBatch.rows_done,
    ImportBatch.created_at,
    ImportBatch.applied_at,
    ImportBatch.undone_at,
).where(ImportBatch.neighborhood_id == sa.bindparam("neighborhood"))


def listed(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return the batches of a neighborhood, newest first."""
    unit = access.unit_for(session, actor, neighborhood_id)
    found = fetch(session.connection(), _LIST, ImportBatch.id.expression, page, {"neighborhood": unit.id})
    return Page([{**one, "state_name": STATE_NAMES[one["state"]]} for one in found.items], found.next)


def shown(session: Session, *, actor: Actor | None, batch_id: int, vault: Vault) -> dict[str, Any]:
    """Return a batch as people see it."""
    batch = batch_for(session, actor, batch_id)
    counts = batch.counts
    return {
        "id": batch.id,
        "neighborhood_id": batch.neighborhood_id,
        "state": batch.state,
        "state_name": STATE_NAMES[batch.state],
        "next_step": moves.next_step(batch),
        "actions": moves.actions(batch),
        "file_name": batch.file_name,
        "rows_total": batch.rows_total,
        "rows_done": batch.rows_done,
        "new_buildings": batch.options.get("new_buildings", False),
        "keep_id_numbers": batch.options.get("keep_id_numbers", False),
        "sheets": _sheets(session, batch, vault),
        "outcomes": {one.value: counts.get(one.value, 0) for one in RowOutcome} if counts else None,
        "problems": [
            {"code": code, "grade": SAID[Code(code)][0].name.lower(), "rows": rows, "sentence": _general(Code(code))}
            for code, rows in counts.get("problems", {}).items()
        ],
        "unknown_buildings": counts.get("buildings", []),
        "written": counts.get("written"),
        "undone": counts.get("undone"),
        "created_at": batch.created_at,
        "applied_at": batch.applied_at,
        "undone_at": batch.undone_at,
    }


def rows(
    session: Session, *, actor: Actor, batch_id: int, outcome: RowOutcome | None, vault: Vault, page: PageRequest
) -> Page:
    """Return rows of a batch in their order, with what would change and what is wrong."""
    batch = batch_for(session, actor, batch_id)
    query = sa.select(
        ImportRow.id, ImportRow.sheet, ImportRow.line, ImportRow.outcome, ImportRow.problems, ImportRow.plan_sealed
    ).where(ImportRow.batch_id == batch.id)
    query = query.where(ImportRow.outcome == outcome if outcome else ImportRow.outcome.is_not(None))
    if page.cursor:
        query = query.where(ImportRow.id > decode(page.cursor))
    found = session.execute(query.order_by(ImportRow.id).limit(page.limit + 1)).all()
    return cut([_row(row, batch, vault) for row in found], page)


def masked(text: str, field: Field) -> str:
    """Return an example of a column: enough to know it again, not enough to use it."""
    if field in PEOPLE:
        return mask_name(text)
    if field is Field.ID_NUMBER:
        return mask_id_number(text)
    digits = re.sub(r"\D", "", text)
    if field in {Field.PHONE, Field.TENANT_PHONE} or len(digits) > 6:  # noqa: PLR2004 - shorter ones are rooms and areas
        return mask_phone(digits) if digits else text
    if field is Field.IGNORE:
        return f"{text[:1]}…" if len(text) > 1 and not text.isdigit() else text
    return text[:20]


def _sheets(session: Session, batch: ImportBatch, vault: Vault) -> list[dict[str, Any]]:
    shown = []
    for at, sheet in enumerate(batch.layout["sheets"]):
        examples = _examples(session, batch, at, vault) if sheet["rows"] else {}
        columns = [
            {
                **{key: one[key] for key in ("at", "title", "confidence", "how", "filled")},
                "field": Field(one["field"]),
                "field_name": FIELD_NAMES[Field(one["field"])],
                "examples": [masked(text, Field(one["field"])) for text in examples.get(one["at"], [])],
            }
            for one in sheet["columns"]
        ]
        shown.append({"at": at, "name": sheet["name"], "rows": sheet["rows"], "use": sheet["use"], "columns": columns})
    return shown


def _examples(session: Session, batch: ImportBatch, sheet: int, vault: Vault) -> dict[int, list[str]]:
    kept = session.execute(
        sa.select(ImportRow.line, ImportRow.cells_sealed)
        .where(ImportRow.batch_id == batch.id, ImportRow.sheet == sheet, ImportRow.cells_sealed.is_not(None))
        .order_by(ImportRow.line)
        .limit(LOOKED_AT)
    )
    found: dict[int, list[str]] = {}
    for row in kept:
        for at, text in enumerate(line_of(row, vault).cells):
            known = found.setdefault(at, [])
            if text and text not in known and len(known) < EXAMPLES:
                known.append(text)
    return found


def _general(code: Code) -> str:
    return SAID[code][1].replace("第{line}行", "另一行")


def _row(row: Any, batch: ImportBatch, vault: Vault) -> dict[str, Any]:
    layout = batch.layout["sheets"][row.sheet]
    titles = batches.titles_of(layout)
    plan = open_plan(row.plan_sealed, vault) if row.plan_sealed else None
    told = [Problem.of(one) for one in row.problems.get("list", [])]
    return {
        "id": row.id,
        "sheet": layout["name"],
        "line": row.line,
        "outcome": row.outcome,
        "home": plan.address.spoken if plan else None,
        "changes": _changes(plan, row.outcome) if plan else [],
        "problems": [
            {
                "code": one.code.value,
                "grade": one.grade.name.lower(),
                "column": titles.get(one.column) if one.column is not None else None,
                "sentence": one.sentence,
            }
            for one in told
        ],
    }


def _changes(plan: RowPlan, outcome: RowOutcome) -> list[dict[str, Any]]:
    """Return what would become different, from what to what."""
    if outcome not in {RowOutcome.NEW, RowOutcome.CHANGED}:
        return []
    found: list[dict[str, Any]] = []
    is_new = outcome is RowOutcome.NEW
    if plan.area_centi is not None and (is_new or "area_centi" in plan.changes):
        found.append(_change("面积", _area(plan.changes.get("area_centi")), _area(plan.area_centi)))
    if plan.use is not None and (is_new or "use" in plan.changes):
        old = plan.changes.get("use")
        found.append(_change("用途", USE_NAMES[HomeUse(old)] if old else None, USE_NAMES[plan.use]))
    for one in plan.people:
        kind, name = KIND_NAMES[one.kind], mask_name(one.name)
        if one.person_id is None or is_new:
            said = f"{name} {mask_phone(one.phone)}" if one.phone else name
            found.append(_change(kind, None, said))
            continue
        if "name" in one.changes:
            found.append(_change(f"{kind}姓名", one.changes["name"], name))
        if "phone" in one.changes and one.phone:
            found.append(_change(f"{kind}{name}的电话", one.changes["phone"], mask_phone(one.phone)))
        if "id_number" in one.changes and one.id_number:
            found.append(_change(f"{kind}{name}的身份证号", None, mask_id_number(one.id_number)))
    return found


def _change(what: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {"what": what, "old": old, "new": new}


def _area(centi: int | None) -> str | None:
    return None if centi is None else f"{centi / 100:.2f}平方米"
