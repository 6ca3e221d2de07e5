"""Whether the audit trail is whole."""

import datetime as dt

import click

from app.cli.privacy.group import privacy
from app.transaction import transaction
from services import audit_chain
from services.audit_chain import NotedHead


@privacy.command("verify", help="从头到尾核对留痕有没有被改过、删过。")
@click.option("--head", "heads", multiple=True, help="以前抄下来的数字，写成 条数:指纹，可以写几个。")
def verify(heads: tuple[str, ...]) -> None:
    """Walk the chain; say where it breaks."""
    noted = [_noted(text) for text in heads]
    with transaction(read_only=True) as session:
        broken = list(audit_chain.verify(session, now=dt.datetime.now(dt.UTC), noted=noted))
        end = audit_chain.length(session)
    for one in broken:
        entry = f"（留痕编号 {one.entry_id}）" if one.entry_id else ""
        click.echo(f"第 {one.position} 条{entry}：{one.what}。")
    if broken:
        raise click.ClickException(f"留痕有 {len(broken)} 处对不上。请保留数据库和日志，马上报告社区和街道。")
    click.echo(f"留痕是完整的，一共 {end.position} 条。请把这一行抄下来：{end.position}:{end.hash}")


def _noted(text: str) -> NotedHead:
    position, _, head = text.partition(":")
    if not position.isascii() or not position.isdigit() or not head:
        raise click.BadParameter(f"“{text}”写得不对，要写成 条数:指纹。")
    return NotedHead(int(position), head.strip())
