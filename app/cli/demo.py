"""``flask demo``: a made-up Benxi to try things out with."""

import datetime as dt

import click
from flask import Flask
from flask.cli import AppGroup

from app.settings import vault
from app.transaction import transaction
from services.demo.cast import CAST
from services.demo.loading import Loaded, load
from services.demo.plan import Plan
from services.errors import ServiceError
from services.permissions import ROLE_NAMES

demo = AppGroup("demo", help="演示数据：一个编出来的本溪。")


def register(app: Flask) -> None:
    """Add ``flask demo`` to the application's commands."""
    app.cli.add_command(demo)


@demo.command("load")
@click.option("--neighborhoods", default=Plan.neighborhoods, show_default=True, help="小区的个数。")
@click.option("--homes", default=Plan.homes, show_default=True, help="住房的总套数。")
@click.option("--seed", default=Plan.seed, show_default=True, help="种子：同一个种子装出同样的数据。")
def load_command(neighborhoods: int, homes: int, seed: int) -> None:
    """把演示数据装进空的数据库。"""
    try:
        plan = Plan(neighborhoods, homes, seed)
        with click.progressbar(length=plan.homes, label="正在装住房") as bar, transaction() as session:
            loaded = load(session, vault=vault(), now=dt.datetime.now(dt.UTC), plan=plan, progress=bar.update)
    except ServiceError as error:
        raise click.ClickException(error.detail) from error
    click.echo(summary(plan, loaded))


def summary(plan: Plan, loaded: Loaded) -> str:
    """Return what was loaded and who may sign in as what, in plain Chinese."""
    lines = [
        f"演示数据装好了，种子是 {plan.seed}。",
        f"小区 {loaded.neighborhoods} 个，楼 {loaded.buildings} 栋，住房 {loaded.homes} 套。",
        f"登记的人 {loaded.persons} 位，住户关系 {loaded.residencies} 条，"
        f"工作岗位 {loaded.memberships} 个，服务站群 {loaded.groups} 个。",
        "第一个小区是彩进小区，这几位可以登录：",
    ]
    for member in CAST:
        who = f"{member.name}（{member.slug}，手机 {member.phone.removeprefix('+86')}）"
        lines.append(f"  {who}：{ROLE_NAMES[member.role]}。{member.description}。")
    return "\n".join(lines)
