"""Copies of the register that leave the house: for a written reason, marked on every page, on record.

A copy can be found by its reference, and a single line of it by its trace code: each line of each copy has its own.
"""

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ExportCopy, Home, HomeStatus, OrgUnit, Person, Residency, ResidencyKind
from services import access, audit
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import InvalidInput, NotFound
from services.imports.viewing import KIND_NAMES, USE_NAMES
from services.reading.pages import Page, PageRequest, fetch
from services.spreadsheets import SafeWorkbook
from services.vault import Vault

REASON_LEAST, REASON_MOST = 4, 200
STEP = 2_000
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
TITLES = ("房屋", "编号", "面积（平方米）", "用途", "身份", "姓名", "电话", "从哪天起", "追查码")
WIDTHS = (24, 14, 14, 8, 8, 14, 16, 14, 12)
COPY_MISSING = "没有找到这份导出。请核对编号。"


@dataclass(frozen=True)
class Copy:
    """A copy that is being made."""

    reference: str
    unit_id: int
    neighborhood_id: int
    unit_name: str
    reason: str
    is_readable: bool
    made_at: dt.datetime
    by: str
    """Who takes it, masked, as it stands on every page."""


def prepare(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    unit_id: int | None,
    reason: str,
    is_readable: bool,
    now: dt.datetime,
) -> Copy:
    """Check who takes what for which reason: a neighborhood or a unit in it, at or below the actor's node.

    Raises ``InvalidInput`` without a reason and ``NotFound`` out of scope.
    """
    unit = access.unit_for(session, actor, neighborhood_id if unit_id is None else unit_id)
    if unit.neighborhood_id != neighborhood_id:
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    reason = " ".join(reason.split())
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        said = f"请写清楚导出来做什么用，{REASON_LEAST}到{REASON_MOST}个字。"
        raise InvalidInput(said, code="reason_missing", errors={"reason": [said]})
    person = session.get(Person, actor.person_id) if actor else None
    by = (person.known_as or person.name_masked) if person else "系统管理员"
    return Copy(
        reference=f"DC-{now.astimezone(SHANGHAI):%y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}",
        unit_id=unit.id,
        neighborhood_id=neighborhood_id,
        unit_name=unit.name,
        reason=reason,
        is_readable=is_readable,
        made_at=now,
        by=by or "没有登记姓名的工作人员",
    )


def build(session: Session, copy: Copy, vault: Vault) -> tuple[bytes, int]:
    """Return the workbook and how many rows it has.  Only reads."""
    book = SafeWorkbook()
    sheet = book.sheet(copy.unit_name)
    mark = watermark(copy)
    # The header is a language of its own, in which & begins a command.
    sheet.set_header(f"&C{mark.replace('&', '＆')[:200]}")
    sheet.set_footer(f"&L{copy.reference}&C外传可追查&R第&P页，共&N页")
    sheet.set_landscape()
    sheet.repeat_rows(0, 1)
    sheet.freeze_panes(2, 0)
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    book.row(sheet, 0, [mark], bold=True, font_color="#C00000")
    book.row(sheet, 1, TITLES, bold=True, bg_color="#D9E1F2")
    count = 0
    for row in _rows(session, copy):
        book.row(sheet, count + 2, _cells(row, copy, vault))
        count += 1
    return book.content(), count


def record(session: Session, *, actor: Actor | None, copy: Copy, content: bytes, rows: int) -> ExportCopy:
    """Write down that a copy was made, before it is handed out."""
    kept = ExportCopy(
        neighborhood_id=copy.neighborhood_id,
        unit_id=copy.unit_id,
        reference=copy.reference,
        made_by_id=actor.person_id if actor else None,
        made_at=copy.made_at,
        reason=copy.reason,
        is_readable=copy.is_readable,
        rows=rows,
        content_hash=hashlib.sha256(content).hexdigest(),
    )
    session.add(kept)
    session.flush()  # the trail points to it
    audit.note(
        session,
        actor=actor,
        now=copy.made_at,
        action="register.exported",
        subject=("export_copy", kept.id),
        neighborhood_id=copy.neighborhood_id,
        purpose=copy.reason,
        detail={"reference": copy.reference, "rows": rows, "readable": copy.is_readable, "unit_id": copy.unit_id},
    )
    return kept


def watermark(copy: Copy) -> str:
    """Return what stands on top of every page: what it is, who took it, when and why."""
    when = f"{copy.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    kind = "含姓名电话" if copy.is_readable else "已打码"
    return f"内部资料（{kind}），不得外传。{copy.by}于{when}导出，用途：{copy.reason}。编号{copy.reference}"


def trace(vault: Vault, reference: str, home_code: str, line: str) -> str:
    """Return the trace code of one line of one copy: it cannot be made up without our key."""
    digest = vault.fingerprint(f"export:{reference}:{home_code}:{line}", "person.phone")
    return base64.b32encode(bytes.fromhex(digest[:10])).decode()


def listed(session: Session, *, actor: Actor, neighborhood_id: int, reference: str | None, page: PageRequest) -> Page:
    """Return the copies of a neighborhood, newest first; one only, if its reference is given."""
    unit = access.unit_for(session, actor, neighborhood_id)
    query = (
        sa.select(
            ExportCopy.id, ExportCopy.reference, ExportCopy.unit_id, OrgUnit.name.label("unit_name"), ExportCopy.made_at,
            ExportCopy.reason, ExportCopy.is_readable, ExportCopy.rows, Person.name_masked.label("made_by"),
        )
        .join(OrgUnit, OrgUnit.id == ExportCopy.unit_id)
        .outerjoin(Person, Person.id == ExportCopy.made_by_id)
        .where(ExportCopy.neighborhood_id == unit.id)
    )  # fmt: skip
    if reference:
        query = query.where(ExportCopy.reference == reference.strip().upper())
    return fetch(session.connection(), query, ExportCopy.id.expression, page)


def traced(session: Session, *, vault: Vault, code: str, home_code: str) -> ExportCopy:
    """Return the copy from which a line came, by its trace code and home.  Raises ``NotFound``."""
    copies = session.scalars(
        sa.select(ExportCopy)
        .join(Home, Home.neighborhood_id == ExportCopy.neighborhood_id)
        .where(Home.code == home_code)
        .order_by(ExportCopy.id.desc())
    )
    kinds = [kind.value for kind in ResidencyKind] + [""]
    wanted = code.strip().upper()
    for copy in copies:
        if any(trace(vault, copy.reference, home_code, kind) == wanted for kind in kinds):
            return copy
    raise NotFound(COPY_MISSING, code="export_not_found")


def _rows(session: Session, copy: Copy) -> Iterator[Any]:
    unit = session.get_one(OrgUnit, copy.unit_id)
    last_id = 0
    while True:
        ids = session.scalars(
            sa.select(Home.id)
            .join(OrgUnit, OrgUnit.id == sa.func.coalesce(Home.stairwell_id, Home.building_id))
            .where(
                Home.neighborhood_id == copy.neighborhood_id,
                Home.status == HomeStatus.IN_USE,
                OrgUnit.path.startswith(unit.path, autoescape=True),
                Home.id > last_id,
            )
            .order_by(Home.id)
            .limit(STEP)
        ).all()
        if not ids:
            return
        last_id = ids[-1]
        yield from session.execute(
            sa.select(
                Home.id, Home.code, Home.label, Home.area_centi, Home.use, Residency.kind, Residency.starts_at,
                Person.name_sealed, Person.name_masked, Person.phone_sealed, Person.phone_masked,
            )
            .outerjoin(Residency, sa.and_(Residency.home_id == Home.id, Residency.ends_at.is_(None)))
            .outerjoin(Person, Person.id == Residency.person_id)
            .where(Home.id.between(ids[0], last_id), Home.id.in_(ids))
            .order_by(Home.id, Residency.id)
        )  # fmt: skip


def _cells(row: Any, copy: Copy, vault: Vault) -> list[str | float | None]:
    name, phone = row.name_masked, row.phone_masked
    if copy.is_readable:
        name = vault.open(row.name_sealed, "person.name") if row.name_sealed else None
        phone = vault.open(row.phone_sealed, "person.phone").removeprefix("+86") if row.phone_sealed else None
    return [
        row.label,
        row.code,
        row.area_centi / 100 if row.area_centi else None,
        USE_NAMES[row.use],
        KIND_NAMES[row.kind] if row.kind else None,
        name,
        phone,
        f"{row.starts_at.astimezone(SHANGHAI):%Y-%m-%d}" if row.starts_at else None,
        trace(vault, copy.reference, row.code, row.kind.value if row.kind else ""),
    ]
