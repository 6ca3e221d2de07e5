"""``flask wechat``: what an operator checks about the mini-program."""

import dataclasses
import sys
from collections import Counter
from collections.abc import Sequence

import click
import orjson
from flask.cli import AppGroup

from app.doctor.examining import Health, Result, examine
from app.doctor.steps import STEPS, template_problems
from services.errors import GatewayError

wechat = AppGroup("wechat", help="微信：核对小程序的设置。")

MARKS = {Health.WELL: "好　　", Health.ILL: "要修　", Health.UNSEEN: "没查　"}
INDENT = "　　　"


@wechat.command("templates", help="核对订阅消息模板：设置里的编号和字段，小程序里是不是都有。")
def templates() -> None:
    """Compare the templates of the settings with those of the mini-program."""
    try:
        problems = template_problems()
    except GatewayError as error:
        raise click.ClickException(error.detail) from error
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"有{len(problems)}处要改。改 WUYOU_WECHAT_TEMPLATES，或者到微信后台换模板。")
    click.echo("模板都对得上。")


@wechat.command("doctor", help="一步一步检查：设置、密钥、通行证、模板、内容核对、推送。有要修的，退出码是1。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的结果。")
def doctor(*, as_json: bool) -> None:
    """Examine everything that has to be set, and say what to mend and where.  Prints no secrets."""
    results = examine(STEPS)
    if as_json:
        well = all(result.health is Health.WELL for result in results)
        steps = [dataclasses.asdict(result) for result in results]
        click.echo(orjson.dumps({"well": well, "steps": steps}, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(results)
    if any(result.health is Health.ILL for result in results):
        sys.exit(1)


def _print(results: Sequence[Result]) -> None:
    for result in results:
        click.echo(f"{MARKS[result.health]}{result.title}：{result.words}")
        if result.mend:
            click.echo(f"{INDENT}怎么修：{result.mend}")
        if result.said:
            click.echo(f"{INDENT}微信的原话：{result.said}")
    count = Counter(result.health for result in results)
    if not count[Health.ILL]:
        click.echo(f"{len(results)}步都好。")
        return
    unseen = f"，还有{count[Health.UNSEEN]}步没查" if count[Health.UNSEEN] else ""
    click.echo(f"{len(results)}步里有{count[Health.ILL]}步要修{unseen}。改好了再运行一次。")
