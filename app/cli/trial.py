"""``flask trial`` (``make run``): everything at once on this machine, with a made-up neighborhood and simulated phones."""

import os
import signal
import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.stack import NotReady, Stack, free_port, port_is_free
from app.settings import settings
from config import Environment
from services.demo.cast import CAST
from services.permissions import ROLE_NAMES

WEB_PORT, SANDBOX_PORT = 5050, 5051
FOLDER = Path("var")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("trial", help="试用：在这台机器上把全部程序一起开起来（make run）。")
@with_appcontext
def trial() -> None:
    """Start the trial, say where to look, and stop everything on Ctrl-C."""
    if settings().environment is Environment.PRODUCTION:
        raise click.ClickException("这是正式环境，不能在这里开试用。请在别的机器上运行 make run。")
    FOLDER.mkdir(exist_ok=True)
    for number in ENDINGS:
        signal.signal(number, _end_once)
    stack = Stack(
        FOLDER.absolute(),
        database_url=os.environ.get("WUYOU_DATABASE_URL", ""),
        api_url=f"http://127.0.0.1:{_port(WEB_PORT)}",
        sandbox_url=f"http://127.0.0.1:{_port(SANDBOX_PORT)}",
    )
    click.echo("正在准备，请稍等……")
    try:
        with stack:
            stack.flask("demo", "load", "--if-empty")
            told = stack.flask("demo", "phones")
            _show(stack, known=set(told.rpartition("：")[2].split()))
            _watch(stack)
    except NotReady as error:
        raise click.ClickException(f"没有启动成功：{error}") from error
    except KeyboardInterrupt:
        click.echo("\n都停好了。数据还在 var 文件夹里，下次 make run 接着用。")


def _end_once(*_: object) -> None:
    """Stop at the first signal, and let no second one (an impatient Ctrl-C, make's own) disturb the stopping."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _port(wanted: int) -> int:
    if port_is_free(wanted):
        return wanted
    other = free_port()
    click.echo(f"{wanted} 端口有别的程序在用，这次改用 {other}。")
    return other


def _show(stack: Stack, *, known: set[str]) -> None:
    """Print the addresses, and who can sign in: ``known`` are the phones of people who are registered."""
    click.secho("\n五有已经启动（试用环境：微信是模拟的，消息不会发到任何人的手机上）。", bold=True)
    click.echo(f"  模拟的手机和群  {stack.sandbox_url}/")
    click.echo(f"  首页            {stack.api_url}/")
    click.echo(f"  电脑上的控制台  {stack.api_url}/console  用模拟手机的“我的 → 扫一扫”登录")
    click.echo(f"  接口文档        {stack.api_url}/api/docs/")
    click.echo("\n这些人有手机，可以登录：")
    for member in CAST:
        if member.slug in known:
            click.echo(f"  {member.name}　{ROLE_NAMES[member.role]}，{member.description}")
    strangers = [member.name for member in CAST if member.slug not in known]
    if strangers:
        click.echo(f"这些手机的主人还没有登记，可以当新来的居民用：{'、'.join(strangers)}")
    click.echo(f"\n日志在 {FOLDER}/*.log。按 Ctrl-C 全部停下。")


def _watch(stack: Stack) -> None:
    """Wait for Ctrl-C, or for a process that ends by itself."""
    while True:
        for name, process in stack.processes.items():
            if process.poll() is not None:
                raise NotReady(f"{name} 自己停了，原因在 {FOLDER}/{name}.log 的最后几行。")
        time.sleep(0.5)
