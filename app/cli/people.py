"""``flask people``: what an operator does for people who cannot get in by themselves."""

import datetime as dt

import click
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from services.errors import ServiceError
from services.homes import invitations

people = AppGroup("people", help="人员：给工作人员发邀请码。")


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
