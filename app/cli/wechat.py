"""``flask wechat``: what an operator checks about the mini-program."""

import click
from flask.cli import AppGroup

from app.settings import gateways
from services.errors import GatewayError
from services.tickets.moves import STATE_NAMES

wechat = AppGroup("wechat", help="微信：核对小程序的设置。")


@wechat.command("templates", help="核对订阅消息模板：设置里的编号和字段，小程序里是不是都有。")
def templates() -> None:
    """Compare the templates of the settings with those of the mini-program."""
    try:
        problems = gateways().messages.template_problems({"state": sorted(set(STATE_NAMES.values()))})
    except GatewayError as error:
        raise click.ClickException(error.detail) from error
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"有{len(problems)}处要改。改 WUYOU_WECHAT_TEMPLATES，或者到微信后台换模板。")
    click.echo("模板都对得上。")
