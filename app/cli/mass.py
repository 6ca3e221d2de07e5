"""``flask group mass``: messages to customer groups of WeCom, for an operator."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.settings import gateways
from app.transaction import transaction
from models import OrgUnit, UnitKind
from services.errors import ServiceError
from services.groups import mass as messages
from services.groups.mass import MassShown

mass = AppGroup("mass", help="企业微信群发：写一条、看看、催一下。成员在企业微信里点了确认才会发。")


@contextmanager
def _acting() -> Iterator[Session]:
    """One transaction; a refusal is printed as it is, the missing company too."""
    try:
        messages.check_set_up(gateways().mass)
        with transaction() as session:
            yield session
    except ServiceError as error:
        raise click.ClickException(error.detail) from error


@mass.command("write", help="写一条：CODE 是小区编号，--chat 是绑好的微信群的编号，可以写几次。")
@click.argument("code")
@click.option("--text", required=True, help="写什么，最多1000个字。")
@click.option("--chat", "chat_ids", type=int, multiple=True, required=True, help="发到哪个群。")
@click.option("--sender", required=True, help="由哪个企业微信成员确认：成员账号。")
@click.option("--page", default="", help="下面带一张打开小程序这一页的卡片。")
def write(code: str, text: str, chat_ids: tuple[int, ...], sender: str, page: str) -> None:
    """Write a message."""
    if not 0 < len(text) <= messages.TEXT_MOST:
        raise click.ClickException(f"内容要1到{messages.TEXT_MOST}个字。")
    with _acting() as session:
        made = messages.write(
            session,
            actor=None,
            neighborhood_id=_neighborhood(session, code),
            sender=sender,
            text=text,
            chat_ids=chat_ids,
            page=page,
            now=utc_now(),
        )
        click.echo(f"写好了，编号 {made.id}。请成员 {sender} 打开企业微信，点确认发送。")


@mass.command("list", help="看一个小区的群发：CODE 是小区编号。")
@click.argument("code")
def show(code: str) -> None:
    """Print the last messages."""
    with _acting() as session:
        found = messages.listing(session, actor=None, neighborhood_id=_neighborhood(session, code))
    if not found:
        click.echo("还没有群发过。用 flask group mass write 写一条。")
    for one in found:
        click.echo(_line(one))


@mass.command("remind", help="催一下要确认的成员，最多3次。")
@click.argument("message_id", type=int)
def remind(message_id: int) -> None:
    """Remind the member."""
    with _acting() as session:
        messages.remind(session, actor=None, message_id=message_id, now=utc_now())
        click.echo("已经请企业微信催了。")


def _line(one: MassShown) -> str:
    return f"{one.id}　{one.words}　{one.sent}/{one.groups}个群　{one.text[:20]}　{one.advice}"


def _neighborhood(session: Session, code: str) -> int:
    place = session.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == code, OrgUnit.kind == UnitKind.NEIGHBORHOOD))
    if place is None:
        raise click.ClickException(f"没有编号是 {code} 的小区。用 flask org tree 看看有哪些。")
    return place
