"""``flask people``: what an operator does for people who cannot get in by themselves."""

import datetime as dt
import time
from pathlib import Path

import click
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from services import search_keys
from services.console import codes
from services.errors import ServiceError
from services.imports.starting import by_code
from services.imports.viewing import KIND_NAMES
from services.residencies import invitation_lists, invitations
from services.residencies.invitation_lists import Slips
from services.spreadsheets import SafeWorkbook

SLIP_TITLES = ("房屋", "姓名", "身份", "邀请码", "怎么用")
SLIP_WIDTHS = (26, 12, 10, 18, 62)
SLIP_HEIGHT = 34
SLIP_HOW = f"微信里打开五有小程序，点“我的”，输入邀请码。{invitations.VALID_FOR.days}天内有效，只给您本人用。"

people = AppGroup("people", help="人员：给工作人员发邀请码、登录码。")


@people.command("invite", help="给登记过的工作人员发一个邀请码，PHONE 是登记的电话。")
@click.argument("phone")
def invite(phone: str) -> None:
    """Print a code that binds a worker's WeChat to their registered person."""
    try:
        with transaction() as session:
            made = invitations.invite_worker(session, phone=phone, vault=vault(), now=dt.datetime.now(dt.UTC))
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"邀请码：{made.code}（{invitations.VALID_FOR.days}天内有效，用一次）。请本人在小程序里输入。")


@people.command("invite-building", help="给一栋楼里登记过、还没绑定手机的住户发邀请码，打印出来用。CODE 是小区编号。")
@click.argument("code")
@click.argument("building")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="写成表格存在这里，不显示在屏幕上。"
)
def invite_building(code: str, building: str, target: Path | None) -> None:
    """Print a list of codes, one a line, or write it as a workbook that is ready for the printer."""
    now = dt.datetime.now(dt.UTC)
    try:
        with transaction() as session:
            unit = invitation_lists.building_named(session, neighborhood_id=by_code(session, code).id, name=building)
            made = invitation_lists.for_building(session, actor=None, building_id=unit.id, now=now)
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
    if target is not None:
        target.write_bytes(slips_workbook(made))
        click.echo(f"写在 {target} 里了，打印以后按行剪开，当面交给本人。")
    else:
        for slip in made.slips:
            click.echo(f"{slip.home}　{slip.name}（{KIND_NAMES[slip.kind]}）　{slip.code}")
    click.echo(
        f"{made.building}：发了 {len(made.slips)} 个邀请码，{made.bound} 人已经绑定，不用发。"
        f"码{invitations.VALID_FOR.days}天内有效，用一次；以前发给他们、还没用的码作废了。"
    )


def slips_workbook(made: Slips) -> bytes:
    """Return the list as a workbook: large letters, one line for each person."""
    book = SafeWorkbook()
    sheet = book.sheet(f"{made.building}邀请码")
    for at, width in enumerate(SLIP_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    book.row(sheet, 0, SLIP_TITLES, bold=True, bg_color="#D9E1F2")
    for at, slip in enumerate(made.slips, start=1):
        sheet.set_row(at, SLIP_HEIGHT)
        cells = (slip.home, slip.name, KIND_NAMES[slip.kind], slip.code, SLIP_HOW)
        book.row(sheet, at, cells, font_size=14, bottom=3)
    return book.content()


@people.command("console-code", help="微信用不了的时候，给工作人员发一个登录控制台的码，PHONE 是登记的电话。")
@click.argument("phone")
@click.option("--person", type=int, help="几个人共用一个电话时，写明是谁（编号）。")
def console_code(phone: str, person: int | None) -> None:
    """Print a one-time code for the console."""
    try:
        with transaction() as session:
            given = codes.give(session, phone=phone, person_id=person, vault=vault(), now=dt.datetime.now(dt.UTC))
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
    minutes = int(codes.VALID_FOR.total_seconds() // 60)
    click.echo(f"{given.name}的登录码：{given.code}（{minutes}分钟内有效，用一次）。请确认是本人，再告诉他。")


@people.command("search-keys", help="重新整理按姓名、拼音、手机尾号找人用的索引；不用停服务，可以重复运行。")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, show_default=True, help="一次整理多少人。")
def fill_search_keys(batch: int) -> None:
    """Make the keys by which people are looked for, where they are missing or from another lookup key."""
    seen, changed = refill_search_keys(batch)
    click.echo(f"看了 {seen} 人，整理了 {changed} 人。")


def refill_search_keys(batch: int) -> tuple[int, int]:
    """Go through all people, a few at a time: others write meanwhile.  Return how many were seen and changed."""
    after, seen, changed = 0, 0, 0
    while True:
        began = time.monotonic()
        with transaction() as session:
            step = search_keys.refill(session, vault(), after=after, most=batch)
        if not step.seen:
            return seen, changed
        after, seen, changed = step.last, seen + step.seen, changed + step.changed
        time.sleep(time.monotonic() - began)
