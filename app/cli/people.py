"""``flask people``: what an operator does for people who cannot get in by themselves."""

import datetime as dt

import click
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from services.console import codes
from services.errors import ServiceError
from services.homes import invitations

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
