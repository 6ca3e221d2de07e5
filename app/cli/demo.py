"""``flask demo``: a made-up Benxi to try things out with."""

import datetime as dt
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from app.cli.phones import Sandbox, Unexpected
from app.settings import settings, vault
from app.transaction import transaction
from config import Environment
from services.demo.binding import bind_phones
from services.demo.cast import CAST
from services.demo.loading import NEEDS_EMPTY, Loaded, load
from services.demo.plan import Plan
from services.demo.till import PAYEE, open_till
from services.errors import ServiceError
from services.payments import merchant_keys
from services.payments.merchant_keys import MerchantKeys
from services.permissions import ROLE_NAMES

GROUP_SLUG = "bx-cj"  # the robot's key in the demonstration data is made of it
GROUP_NAME = "彩进小区服务站群"
MERCHANT = "1900009191"  # the one that the simulated WeChat Pay knows from the beginning

demo = AppGroup("demo", help="演示数据：一个编出来的本溪。")


def register(app: Flask) -> None:
    """Add ``flask demo`` to the application's commands."""
    app.cli.add_command(demo)


@demo.command("load", help="把演示数据装进空的数据库。")
@click.option("--neighborhoods", default=Plan.neighborhoods, show_default=True, help="小区的个数。")
@click.option("--homes", default=Plan.homes, show_default=True, help="住房的总套数。")
@click.option("--seed", default=Plan.seed, show_default=True, help="种子：同一个种子装出同样的数据。")
@click.option("--if-empty", is_flag=True, help="库里已经有数据就什么也不做。")
def load_command(neighborhoods: int, homes: int, seed: int, *, if_empty: bool) -> None:
    """Load the demonstration in one transaction and say who may sign in."""
    if settings().environment is Environment.PRODUCTION:
        raise click.ClickException("这是正式环境，不能装演示数据。")
    try:
        plan = Plan(neighborhoods, homes, seed)
        with click.progressbar(length=plan.homes, label="正在装住房") as bar, transaction() as session:
            loaded = load(session, vault=vault(), now=dt.datetime.now(dt.UTC), plan=plan, progress=bar.update)
    except ServiceError as error:
        if if_empty and error.reason == NEEDS_EMPTY:
            click.echo("库里已经有数据，接着用。")
            return
        raise click.ClickException(error.detail) from error
    click.echo(summary(plan, loaded))


def summary(plan: Plan, loaded: Loaded) -> str:
    """Return what was loaded and who may sign in as what, in plain Chinese."""
    lines = [
        f"演示数据装好了，种子是 {plan.seed}。",
        f"小区 {loaded.neighborhoods} 个，楼 {loaded.buildings} 栋，住房 {loaded.homes} 套。",
        f"登记的人 {loaded.persons} 位，住户关系 {loaded.residencies} 条。",
        f"工作岗位 {loaded.memberships} 个，服务站群 {loaded.groups} 个。",
        "第一个小区是彩进小区，这几位可以登录：",
    ]
    for member in CAST:
        who = f"{member.name}（{member.slug}，手机 {member.phone.removeprefix('+86')}）"
        lines.append(f"  {who}：{ROLE_NAMES[member.role]}。{member.description}。")
    return "\n".join(lines)


def _keys(merchant: dict[str, Any], appid: str, now: dt.datetime) -> MerchantKeys:
    return merchant_keys.read(
        mchid=merchant["mchid"],
        appid=appid,
        private_key=merchant["private_key"],
        certificate=merchant["certificate"],
        api_key=merchant["apiv3_key"],
        public_key_id=merchant["public_key_id"],
        public_key=merchant["public_key"],
        now=now,
    )


@demo.command("phones", help="给演示的人物在模拟微信里放上手机、群和收款的商户（要先开着模拟微信）。")
@click.option("--wait", default=30.0, show_default=True, help="最多等模拟微信多少秒。")
def phones_command(wait: float) -> None:
    """Put the cast's phones and the station's group into the sandbox, and bind them.  May be repeated."""
    given = settings().wechat
    if not given.is_sandbox:
        raise click.ClickException("现在连的是真正的微信，不能放模拟手机。请先去掉 WUYOU_WECHAT_ 开头的设置。")
    sandbox = Sandbox(given.api_url)
    try:
        sandbox.wait(wait)
        openids = {member.slug: sandbox.add_phone(member.slug, member.name) for member in CAST}
        sandbox.add_group(GROUP_SLUG, GROUP_NAME)
        merchant = sandbox.merchant(MERCHANT)
    except Unexpected as error:
        raise click.ClickException(str(error)) from error
    now = dt.datetime.now(dt.UTC)
    with transaction() as session:
        bound = bind_phones(session, vault=vault(), appid=given.appid, openids=openids, now=now)
        if open_till(session, vault=vault(), keys=_keys(merchant, given.appid, now), now=now):
            click.echo(f"{PAYEE}可以收款了，王桂兰家有一笔小钱要交（我的 → 交费）。")
    click.echo(f"放好了 {len(openids)} 部手机和 1 个群，请打开 {given.api_url}/ 看。")
    click.echo(f"登记过的人的手机：{' '.join(bound) or '没有'}")
