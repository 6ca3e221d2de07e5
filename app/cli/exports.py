"""``flask export``: a copy of the register for a written reason, and where a line that turned up outside came from."""

import datetime as dt
from pathlib import Path

import click
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from models import OrgUnit
from services import exports as copies
from services.clocks import SHANGHAI
from services.errors import ServiceError
from services.imports.starting import by_code
from services.residencies.invitation_lists import building_named

exports = AppGroup("export", help="导出：房屋和住户名册，查外传的一行是哪一份。")


@exports.command("register", help="导出名册。CODE 是小区编号。姓名电话打了码，要看全的加 --readable。每一份都记下来。")
@click.argument("code")
@click.option("--reason", required=True, help="导出来做什么用，至少四个字，印在每一页上。")
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="存在哪里。")
@click.option("--building", help="只要一栋楼，比如 14号楼。")
@click.option("--readable", is_flag=True, help="姓名、电话不打码。")
def register(code: str, reason: str, target: Path, building: str | None, *, readable: bool) -> None:
    """Build a copy, write it down, and only then put it into the file."""
    try:
        with transaction(read_only=True) as session:
            place = by_code(session, code)
            part = building_named(session, neighborhood_id=place.id, name=building) if building else None
            copy = copies.prepare(
                session,
                actor=None,
                neighborhood_id=place.id,
                unit_id=part.id if part else None,
                reason=reason,
                is_readable=readable,
                now=dt.datetime.now(dt.UTC),
            )
            content, rows = copies.build(session, copy, vault())
        with transaction() as session:
            copies.record(session, actor=None, copy=copy, content=content, rows=rows)
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
    target.write_bytes(content)
    click.echo(f"写在 {target} 里了，{rows} 行，编号 {copy.reference}。用途印在每一页上；用完请删掉。")


@exports.command(
    "trace", help="外面出现了一行名册，查它是哪一份里的。TRACE 是行末的追查码，HOME 是房屋编号，比如 14-2-501。"
)
@click.argument("trace")
@click.argument("home")
def trace(trace: str, home: str) -> None:
    """Say from which copy a line came."""
    try:
        with transaction(read_only=True) as session:
            found = copies.traced(session, vault=vault(), code=trace, home_code=home)
            unit = session.get_one(OrgUnit, found.unit_id)
            when = f"{found.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            by = f"人员编号 {found.made_by_id}" if found.made_by_id else "系统管理员"
            click.echo(f"是 {found.reference} 这一份：{unit.name}，{when}，{by}导出，用途：{found.reason}。")
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
