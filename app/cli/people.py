"""``flask people``: what an operator does for people who cannot get in by themselves."""

import datetime as dt
import time

import click
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from services import search_keys
from services.console import codes
from services.errors import ServiceError
from services.residencies import invitations

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
