"""Keys: which there are, new ones, and the change from old to new while people go on working."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from app.cli.people import refill_search_keys
from app.cli.privacy.group import acting, privacy
from app.settings import data_keys, vault
from app.transaction import transaction
from services.clocks import SHANGHAI
from services.sealing import keyring, usage
from services.sealing.columns import HASHED, SEALED, Hashed, Sealed
from services.sealing.rotation import Key, Step, rehash, reseal

PASSES = 20
"""Looks at rows that somebody else held each time: then they are left for the next run."""
BREATH = 0.005
"""Seconds between two batches at least.  On SQLite nobody else can write during one."""

Column = TypeVar("Column", Sealed, Hashed)
Work = Callable[[Column, Key | None], Step]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _when(moment: dt.datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@privacy.command("keys", help="看有哪些密钥，各封着多少内容，哪些可以删。")
def show_keys() -> None:
    """Print keys and what they seal."""
    with transaction(read_only=True) as session:
        rows = [(key.id, key.master_id, key.active_at) for key in keyring.listed(session)]
        found = usage.usage(session)
    sealed: dict[str, int] = {}
    for counts in found.values():
        for key_id, count in counts.items():
            sealed[key_id] = sealed.get(key_id, 0) + count
    current = vault().current_id
    for key_id, master_id, active_at in rows:
        state = "正在用" if key_id == current else "还没启用" if active_at > _now() else "只用来打开旧内容"
        click.echo(
            f"{key_id}　由主密钥 {master_id} 保护　{_when(active_at)} 起用　{state}　封着 {sealed.pop(key_id, 0)} 条"
        )
    for key_id in vault().masters.sealers:
        wrapped = sum(master_id == key_id for _, master_id, _ in rows)
        click.echo(f"{key_id}　主密钥　保护 {wrapped} 把数据密钥　自己封着 {sealed.pop(key_id, 0)} 条")
    for key_id, count in sealed.items():
        click.echo(f"{key_id}　设置里和库里都没有这把密钥！它封着的 {count} 条打不开：")
        for where, counts in found.items():
            if key_id in counts:
                click.echo(f"　　{where}　{counts[key_id]} 条")
    if not rows:
        click.echo("还没有数据密钥，现在直接用主密钥封存。请运行 flask privacy new-key。")
    if vault().has_old_lookup_keys:
        click.echo("正在换查找密钥：所有进程都重启过以后，请运行 flask privacy rotate-lookup。")


@privacy.command("new-key", help="生成一把新的数据密钥，两分钟后启用。")
def new_key() -> None:
    """Make a data key."""
    with acting() as session:
        key = keyring.make(session, masters=vault().masters, now=_now())
        click.echo(
            f"新的数据密钥是 {key.id}，{_when(key.active_at)} 起用。接着运行 flask privacy rotate，把旧内容换过来。"
        )


@privacy.command("rewrap", help="换了主密钥以后，用新的主密钥重新保护数据密钥。")
def rewrap() -> None:
    """Wrap all data keys by the first master key of the settings."""
    with acting() as session:
        count = keyring.rewrap(session, masters=vault().masters, now=_now())
    click.echo(f"主密钥 {vault().masters.current_id} 现在保护所有数据密钥，这次换了 {count} 把。")
    click.echo("用 flask privacy keys 看旧的主密钥：两个数都是 0，就可以从设置里拿掉。")


@privacy.command("rotate", help="把旧密钥封存的内容换成新密钥；不用停服务，断了再运行一次就接着换。")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, show_default=True, help="一次换多少条。")
def rotate(batch: int) -> None:
    """Seal every value anew that an older key sealed."""
    _await_newest()
    click.echo(f"换成密钥 {vault().current_id}。")

    def work(one: Sealed, after: Key | None) -> Step:
        with transaction() as session:
            return reseal(session, one, vault=vault(), after=after, limit=batch)

    with transaction(read_only=True) as session:  # on SQLite, looking holds up nobody
        waiting = [one for one in SEALED if usage.has_others(session, one, vault().current_id)]
    _through(waiting, work, "换了")
    click.echo("都换好了。用 flask privacy keys 看旧密钥还封着多少，一小时以后可以用 flask privacy remove-key 删掉。")


@privacy.command("rotate-lookup", help="换了查找密钥以后，重新计算电话和证件号的查找码。")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, show_default=True, help="一次算多少条。")
def rotate_lookup(batch: int) -> None:
    """Make every keyed hash anew that an older lookup key made."""
    if not vault().has_old_lookup_keys:
        click.echo("设置里没有 WUYOU_OLD_LOOKUP_KEY：按现在的查找密钥核对一遍。")

    def work(one: Hashed, after: Key | None) -> Step:
        with transaction() as session:
            return rehash(session, one, vault=vault(), after=after, limit=batch)

    changed = _through(HASHED, work, "重新算了")
    seen, renewed = refill_search_keys(batch)
    click.echo(f"找人用的索引　看了 {seen} 人，重新算了 {renewed} 人")
    if changed + renewed:
        click.echo("请再运行一次。一条也没有重新算的时候，就可以去掉 WUYOU_OLD_LOOKUP_KEY，再重启所有进程。")
    else:
        click.echo("全都是新的查找码。可以去掉 WUYOU_OLD_LOOKUP_KEY，再重启所有进程。")


@privacy.command("remove-key", help="删掉一把已经没有用的数据密钥，KEY 是它的编号，比如 ~1。")
@click.argument("key")
@click.option("--yes", is_flag=True, help="不再问一遍。")
def remove_key(key: str, *, yes: bool) -> None:
    """Remove a data key that nothing needs."""
    if not yes:
        click.confirm(f"删掉 {key} 以后不能恢复；旧备份里用它封存的内容也打不开了。真的要删吗？", abort=True)
    with acting() as session:
        keyring.remove(session, key_id=key, now=_now())
    click.echo(f"{key} 删掉了。")


def _await_newest() -> None:
    """Wait until the newest data key is in use: to seal with the one before it would be work for nothing."""
    with acting() as session:
        newest = keyring.listed(session)[-1:]
        active_at = newest[0].active_at if newest else None
    if active_at is None:
        raise click.ClickException("还没有数据密钥。请先运行 flask privacy new-key。")
    seconds = (active_at - _now()).total_seconds()
    if seconds > 0:
        click.echo(f"新密钥 {_when(active_at)} 起用，先等 {seconds:.0f} 秒。")
        time.sleep(seconds)
    data_keys().forget()


def _through(columns: Sequence[Column], work: Work[Column], did: str) -> int:
    """Go through columns batch by batch; print what was done; return how many values were changed."""
    total, broken = 0, 0
    for one in columns:
        changed, unopened = _column(one, work, did)
        total += changed
        for key in unopened:
            click.echo(f"　　打不开：{one.where}，主键 {'、'.join(map(str, key))}", err=True)
        broken += len(unopened)
    if broken:
        raise click.ClickException(f"有 {broken} 条打不开，原样留着：缺密钥，或者被人改过。请先查清楚，旧密钥不要删。")
    return total


def _column(one: Column, work: Work[Column], did: str) -> tuple[int, list[Key]]:
    """Go through a column until nothing is left; return how much was changed, and what does not open."""
    changed = 0
    for _ in range(PASSES):
        left, unopened = 0, list[Key]()
        after: Key | None = None
        while True:
            began = time.monotonic()
            step = work(one, after)
            if step.last is None:
                break
            after, left, changed = step.last, left + step.left, changed + step.changed
            unopened += step.broken
            click.echo(f"\r{one.where}　{did} {changed} 条", nl=False)
            time.sleep(max(BREATH, time.monotonic() - began))  # others write as long as we do
        if not left:
            break
        time.sleep(BREATH * 20)
    click.echo(f"\r{one.where}　{did} {changed} 条")
    if left:
        click.echo(f"　　还有 {left} 条一直有人在改，请过一会儿再运行一次。", err=True)
    return changed, unopened
