"""``flask pay``: merchant accounts, which only the operator enters: their keys never pass through a browser."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.paying import notify_base
from app.settings import gateways, settings, vault
from app.transaction import transaction
from models import MerchantMode
from services.clocks import local_day
from services.errors import GatewayError, InvalidInput, ServiceError
from services.payments import merchant_keys, merchants, shipping
from services.payments.merchants import Below

pay = AppGroup("pay", help="微信支付。")
merchant = AppGroup("merchant", help="商户：登记、查看、检查、停用。")
pay.add_command(merchant)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MODES = {MerchantMode.DIRECT: "直连商户", MerchantMode.PROVIDER: "服务商", MerchantMode.PARTNER: "特约商户"}


@contextmanager
def _acting() -> Iterator[Session]:
    """One transaction; a refusal is printed as it is."""
    try:
        with transaction() as session:
            yield session
    except ServiceError as error:
        fields = error.errors if isinstance(error, InvalidInput) else {}
        more = "".join(f"\n  {name}：{''.join(said)}" for name, said in fields.items())
        raise click.ClickException(f"{error.detail}{more}") from error


@merchant.command("add", help="登记商户。UNIT 是小区编号；登记服务商就写它管的那一级的编号。")
@click.argument("unit", type=int)
@click.option("--name", required=True, help="收款方的名称，住户付款时会看到。")
@click.option("--mchid", required=True, help="商户号。")
@click.option("--appid", required=True, help="绑定的小程序 AppID。")
@click.option("--private-key", type=FILE, required=True, help="apiclient_key.pem。")
@click.option("--certificate", type=FILE, required=True, help="apiclient_cert.pem。")
@click.option("--api-key", type=FILE, required=True, help="一个文件，里面是32位的 APIv3 密钥。")
@click.option("--public-key", type=FILE, help="pub_key.pem，微信支付公钥；不写就用平台证书。")
@click.option("--public-key-id", help="公钥编号，PUB_KEY_ID_ 开头。")
def add(
    unit: int,
    name: str,
    mchid: str,
    appid: str,
    private_key: Path,
    certificate: Path,
    api_key: Path,
    public_key: Path | None,
    public_key_id: str | None,
) -> None:
    """Enter a merchant with keys: a neighborhood's own, or a provider at a node above."""
    with _acting() as session:
        keys = merchant_keys.read(
            mchid=mchid.strip(),
            appid=appid.strip(),
            private_key=_text(private_key),
            certificate=_text(certificate),
            api_key=_text(api_key),
            public_key_id=public_key_id.strip() if public_key_id else None,
            public_key=_text(public_key) if public_key else None,
            now=_now(),
        )
        account = merchants.add(session, unit_id=unit, name=name, how=keys, vault=vault(), now=_now())
        click.echo(f"登记好了：{MODES[account.mode]}，编号 {account.id}。")
        click.echo(f"接着用 flask pay merchant check {account.id} 试一试密钥。")


@merchant.command("add-below", help="在服务商下面给小区登记特约商户。UNIT 是小区编号，PROVIDER 是服务商编号。")
@click.argument("unit", type=int)
@click.argument("provider", type=int)
@click.option("--name", required=True, help="收款方的名称。")
@click.option("--sub-mchid", required=True, help="特约商户号。")
@click.option("--sub-appid", help="小区自己的小程序 AppID；大家用同一个小程序就不写。")
def add_below(unit: int, provider: int, name: str, sub_mchid: str, sub_appid: str | None) -> None:
    """Enter a neighborhood's merchant number below a provider."""
    with _acting() as session:
        how = Below(provider, sub_mchid.strip(), sub_appid.strip() if sub_appid else None)
        account = merchants.add(session, unit_id=unit, name=name, how=how, vault=vault(), now=_now())
        click.echo(f"登记好了：{MODES[account.mode]}，编号 {account.id}。")
        click.echo(f"接着用 flask pay merchant check {account.id} 试一试。")


@merchant.command("list", help="看登记了哪些商户。")
def show() -> None:
    """Print every account, without keys."""
    with _acting() as session:
        rows = merchants.listed(session)
        if not rows:
            click.echo("还没有商户。住户点缴费时，会请他到服务站交。用 flask pay merchant add 登记。")
        for row in rows:
            until = f"，{local_day(row.ends_at):%Y-%m-%d}停用" if row.ends_at else "，在用"
            number = row.sub_mchid or row.mchid
            click.echo(f"编号 {row.id}：{row.name}，{MODES[row.mode]} {number}，单位 {row.unit_id}{until}")
            if row.slug:
                click.echo(f"　通知地址 {notify_base()}{row.slug}")


@merchant.command("check", help="检查商户：密钥能不能用，微信认不认。ACCOUNT 是编号。")
@click.argument("account", type=int)
def check(account: int) -> None:
    """Ask WeChat about an order that cannot exist."""
    with _acting() as session:
        row = merchants.account_for(session, account)
        opened = merchants.opened(session, row, vault())
    if row.mode is MerchantMode.PROVIDER:
        raise click.ClickException("服务商自己不收款。请检查它下面小区的商户。")
    problems = gateways().payments.problems(opened)
    if problems:
        raise click.ClickException("\n".join(problems))
    click.echo("密钥都能用，微信也认这个商户。")
    if not notify_base().startswith("https://"):
        click.echo(f"注意：通知地址要以 https:// 开头，微信才送得到。现在是 {notify_base()}")


@merchant.command("switch-off", help="停用商户：不再开新的付款单，旧单子照样收尾、能退款。ACCOUNT 是编号。")
@click.argument("account", type=int)
def switch_off(account: int) -> None:
    """Take no new orders by an account."""
    with _acting() as session:
        row = merchants.switch_off(session, account_id=account, now=_now())
        click.echo(f"停用了：{row.name}。住户点缴费时，会请他到服务站交。")


@pay.command("shipping", help="发货信息：看微信要不要、设置开没开；写了 --days 就补传最近几天的收款。")
@click.option("--days", type=click.IntRange(1, 90), help="补传最近几天的收款。")
def report_shipping(days: int | None) -> None:
    """Ask WeChat whether it wants payments reported as given, and report those of before the setting."""
    on = settings().wechat.ships
    try:
        wanted = gateways().shipping.is_wanted()
    except GatewayError as error:
        raise click.ClickException(error.detail) from error
    click.echo("微信要求上传发货信息。" if wanted else "微信没有要求上传发货信息。")
    click.echo(
        "设置是开着的，每笔收款自动上传。" if on else "设置是关着的。要开就设 WUYOU_WECHAT_SHIPPING=true 再重启。"
    )
    if wanted and not on:
        click.echo("不上传，钱会晚到账，收款还可能受限。请尽快打开。")
    if days is not None:
        with _acting() as session:
            count = shipping.queue_missed(session, since=_now() - dt.timedelta(days=days), now=_now())
        click.echo(f"最近{days}天有{count}笔收款，没传过的一分钟后由后台进程上传。")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"读不了 {path.name}。") from error


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
