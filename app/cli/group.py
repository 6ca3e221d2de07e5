"""``flask group``: the groups that hear of a neighborhood's tickets, for an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.cli.mass import mass
from app.clock import utc_now
from app.settings import gateways, vault
from app.transaction import transaction
from models import OrgUnit, UnitKind
from services import access
from services.errors import GatewayError, ServiceError
from services.group_ports import Card, GroupPost, Markdown, Picture, PlainText
from services.groups import chats, robots, trying

group = AppGroup("group", help="群：登记群机器人、停用、打开、试发，企业微信群发。")
group.add_command(mass)
KINDS = click.Choice(["markdown", "text", "card"])
HELLO = "这是一条试发的消息。看到它，说明群机器人通了，不用回复。"


@contextmanager
def _acting() -> Iterator[Session]:
    """One transaction; a refusal is printed as it is."""
    try:
        with transaction() as session:
            yield session
    except ServiceError as error:
        raise click.ClickException(error.detail) from error


@group.command("list", help="看每个群的情况。")
def show() -> None:
    """Print how each group does and what to do."""
    with _acting() as session:
        found = robots.listing(session, actor=None, neighborhood_id=None)
    if not found:
        click.echo("还没有群。用 flask group add-robot 登记一个。")
    for one in found:
        click.echo(f"{one.id}　{one.name}　{one.state}　排着{one.waiting}条　{one.advice}")


@group.command("add-robot", help="登记群机器人：CODE 是小区编号，比如 BX-CJ。地址会另外问，不会留在命令记录里。")
@click.argument("code")
@click.option("--name", required=True, help="群的名字。")
@click.option("--address", prompt="机器人的 Webhook 地址", hide_input=True, help="不写就会问。")
def add_robot(code: str, name: str, address: str) -> None:
    """Register a robot."""
    with _acting() as session:
        place = session.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == code, OrgUnit.kind == UnitKind.NEIGHBORHOOD))
        if place is None:
            raise click.ClickException(f"没有编号是 {code} 的小区。用 flask org tree 看看有哪些。")
        made = robots.add(
            session, actor=None, neighborhood_id=place, name=name, address=address, vault=vault(), now=utc_now()
        )
        click.echo(f"登记好了：“{made.name}”，编号 {made.id}。用 flask group try {made.id} 试发一条。")


@group.command("switch-off", help="停用一个群。排着的消息不再发。")
@click.argument("group_id", type=int)
@click.option("--reason", required=True, help="为什么。")
def switch_off(group_id: int, reason: str) -> None:
    """Stop speaking in a group."""
    with _acting() as session:
        done = robots.switch_off(session, actor=None, group_id=group_id, reason=reason, now=utc_now())
        click.echo(f"“{done.name}”停用了。")


@group.command("switch-on", help="打开一个群；换了机器人就加 --new-robot，会问新地址。")
@click.argument("group_id", type=int)
@click.option("--new-robot", is_flag=True, help="机器人换过了。")
def switch_on(group_id: int, *, new_robot: bool) -> None:
    """Speak in a group again."""
    address = click.prompt("新机器人的 Webhook 地址", hide_input=True) if new_robot else None
    with _acting() as session:
        done = robots.switch_on(session, actor=None, group_id=group_id, address=address, vault=vault(), now=utc_now())
        click.echo(f"“{done.name}”打开了。")


@group.command("try", help="马上往一个群里试发一条。")
@click.argument("group_id", type=int)
@click.option("--kind", type=KINDS, default="markdown", show_default=True, help="发哪一种。")
@click.option("--picture", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="发这张图片。")
def try_out(group_id: int, kind: str, picture: Path | None) -> None:
    """Post a trial message at once; it takes one of the twenty of this minute."""
    with _acting() as session:
        trial = trying.begin(session, group_id=group_id, vault=vault(), now=utc_now())
    error: GatewayError | None = None
    try:
        gateways().groups.send(trial.robot_key, _post(kind, picture))
    except GatewayError as refusal:
        error = refusal
    with _acting() as session:
        trying.end(session, trial, error, now=utc_now())
    if error is not None:
        raise click.ClickException(error.detail)
    click.echo("发出去了，请到群里看一眼。")


def _post(kind: str, picture: Path | None) -> GroupPost:
    if picture is not None:
        return Picture(picture.read_bytes())
    if kind == "text":
        return PlainText(HELLO)
    if kind == "card":
        return Card("试发的卡片", "点开是小程序首页", [("说明", "不用回复")], pagepath="pages/index/index")
    return Markdown(f"**试发**\n> {HELLO}")


@group.command("bind", help="把一个微信群绑到单位 UNIT 上；群号 OPENGID 是微信给的，站长在群里点开小程序绑更方便。")
@click.argument("unit_id", type=int)
@click.argument("opengid")
@click.option("--name", required=True, help="这个群叫什么。")
def bind(unit_id: int, opengid: str, name: str) -> None:
    """Bind an ordinary WeChat group to a node."""
    with _acting() as session:
        unit = access.unit_for(session, None, unit_id)
        chats.bind(
            session,
            actor=None,
            neighborhood_id=unit.neighborhood_id or 0,
            opengid=opengid,
            unit_id=unit_id,
            name=name,
            now=utc_now(),
        )
        click.echo(f"“{name}”绑到“{unit.name}”了。")
