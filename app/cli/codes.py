"""``flask codes``: codes to scan, made, listed, printed and ended by the operator."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app import printing
from app.transaction import transaction
from models import CodeEnd
from services.codes import ending, lists, making
from services.codes.printing import Format, Printed, Size, What
from services.codes.tokens import heard, printed
from services.errors import NotFound, ServiceError
from services.imports.starting import by_code
from services.reading.pages import MOST, PageRequest

codes = AppGroup("codes", help="扫一扫的码：发码、列出来、打印、停用。")
NUMBER_MISSING = "这个小区没有编号 {number} 的码。用 flask codes list 看有哪些。"


@contextmanager
def _said() -> Iterator[None]:
    """Say what a service refuses as a command does."""
    try:
        yield
    except ServiceError as error:
        raise click.ClickException(error.detail) from error


@codes.command("make", help="给小区和每栋楼发码，有的不重发。CODE 是小区编号。")
@click.argument("code")
def make(code: str) -> None:
    """Make the codes that are missing."""
    with _said(), transaction() as session:
        place = by_code(session, code)
        made = making.for_units(session, actor=None, neighborhood_id=place.id, unit_ids=None, now=_now())
        lines = lists.described(session, [one.id for one in made])
    for line in lines:
        click.echo(f"{line['number']}　{line['label']}")
    click.echo(f"新发 {len(lines)} 个码。微信的码图由 flask worker 去取，取到之前打印的是普通二维码，一样能扫。")


@codes.command("list", help="列出一个小区在用的码。CODE 是小区编号。")
@click.argument("code")
@click.option("--ended", is_flag=True, help="列出停用的。")
def listed(code: str, *, ended: bool) -> None:
    """List codes, newest first."""
    with _said(), transaction(read_only=True) as session:
        place = by_code(session, code)
        for line in _all(session, place.id, ended=ended):
            picture = "微信码" if line["has_picture"] else "普通二维码"
            click.echo(f"{line['number']}　{line['kind_name']}　{line['label']}　{picture}")


@codes.command("sheet", help="打印用的文件。CODE 是小区编号。海报一页一个码，卡片一页八个、有裁切线。")
@click.argument("code")
@click.option(
    "--to", "target", required=True, type=click.Path(file_okay=False, path_type=Path), help="存在哪个文件夹。"
)
@click.option("--what", type=click.Choice([one.value for one in What]), default=What.BUILDINGS.value, show_default=True)
@click.option("--size", type=click.Choice([one.value for one in Size]), default=Size.POSTER.value, show_default=True)
@click.option("--format", "form", type=click.Choice([one.value for one in Format]), default=Format.PDF.value)
@click.option("--number", help="只要这一个编号的码。")
@click.option("--page", type=click.IntRange(1, 1000), default=1, help="svg 一次一页，要第几页。")
def sheet(code: str, target: Path, what: str, size: str, form: str, number: str | None, page: int) -> None:
    """Write a file that is ready for the printer."""
    options: dict[str, Any] = {"size": Size(size), "format": Format(form)}
    with _said():
        with transaction(read_only=True) as session:
            place_id = by_code(session, code).id
            code_id = _by_number(session, place_id, number) if number else None
        if code_id is not None:
            file = printing.one(None, code_id, **options)
        else:
            file = printing.many(None, place_id, what=What(what), page=page, **options)
    click.echo(f"写在 {_write(target, file)} 里了，用A4纸打印，缩放选“实际大小”。")


@codes.command("revoke", help="停用一个码，默认再发一个新的（编号不变）。CODE 是小区编号，NUMBER 是码下面的编号。")
@click.argument("code")
@click.argument("number")
@click.option(
    "--why",
    type=click.Choice([one.value for one in CodeEnd]),
    default=CodeEnd.LOST.value,
    show_default=True,
    help="lost 掉了坏了；moved 贴错了；misused 被人乱用。",
)
@click.option("--no-new", is_flag=True, help="不再发新的。")
def revoke(code: str, number: str, why: str, *, no_new: bool) -> None:
    """End a code; the old sheet says what to do instead."""
    with _said(), transaction() as session:
        code_id = _by_number(session, by_code(session, code).id, number)
        end = ending.revoke if no_new else ending.replace
        end(session, actor=None, code_id=code_id, why=CodeEnd(why), now=_now())
    click.echo("停用了。" if no_new else f"旧码停用了，新码编号还是 {number}。请打印新的贴上。")


def _all(session: Session, neighborhood_id: int, *, ended: bool) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        request = PageRequest(MOST, cursor)
        page = lists.listed(session, actor=None, neighborhood_id=neighborhood_id, page=request, ended=ended)
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def _by_number(session: Session, neighborhood_id: int, given: str) -> int:
    number = heard(given)
    code = (
        None if isinstance(number, str) else ending.by_number(session, neighborhood_id=neighborhood_id, number=number)
    )
    if code is None:
        shown = given if isinstance(number, str) else printed(number)
        raise NotFound(NUMBER_MISSING.format(number=shown), code="code_unknown")
    return code.id


def _write(folder: Path, file: Printed) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file.name
    target.write_bytes(file.content)
    return target


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
