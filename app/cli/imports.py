"""``flask import``: from an empty database to a neighborhood with its homes, step by step (docs/first-neighborhood.md)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app import importing
from app.settings import vault
from app.transaction import transaction
from models import ImportBatch, ImportState
from services.errors import ServiceError
from services.imports import batches, intake, runs, sheets, starting, undoing, workbooks
from services.imports.fields import FIELD_NAMES, Field, plain
from services.imports.problems import SAID, Code, Grade
from services.org.persons import Who

imports = AppGroup("import", help="导入：建小区、导入房屋和住户、撤销。")
WORKBOOK = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)
OUTCOMES = {
    "new": "新增",
    "changed": "有改动",
    "same": "系统里已经一样",
    "conflict": "有矛盾，不导入",
    "error": "有错，不导入",
    "skipped": "不是数据（合计、签名）",
}
GRADES = {Grade.ERROR: "不导入", Grade.LEFT_OUT: "这一项不导入", Grade.NOTE: "请看一眼"}
BLOCKERS_SHOWN = 5


@contextmanager
def refusing() -> Iterator[None]:
    """Print a refusal as it is."""
    try:
        yield
    except ServiceError as error:
        lines = [error.detail]
        for one in error.facts.get("blocking", ()):
            labels = "、".join(str(label) for label in one["labels"][:BLOCKERS_SHOWN])
            lines.append(f"  {one['name']}{one['count']}条：{labels}")
        raise click.ClickException("\n".join(lines)) from error


@imports.command("neighborhood", help="建小区。PATH 像“明山区/高峪街道/彩进社区/彩进小区”，上面没有的单位一起建。")
@click.argument("path")
@click.option("--code", required=True, help="小区编号，印在报修单号开头，比如 BX-CJ。")
@click.option("--manager", help="站长姓名。")
@click.option("--phone", help="站长手机号。")
def neighborhood(path: str, code: str, manager: str | None, phone: str | None) -> None:
    """Make a neighborhood with everything above it, and its station manager."""
    if bool(manager) != bool(phone):
        raise click.ClickException("站长的姓名和手机号要一起写。")
    who = Who(name=manager, phone=phone) if manager else None
    with refusing(), transaction() as session:
        done = starting.start(
            session, names=path.split("/"), code=code, manager=who, vault=vault(), now=importing.utc_now()
        )
        for unit in done.made:
            click.echo(f"建好了：{unit.name}（编号 {unit.id}）。")
        click.echo(f"小区“{done.neighborhood.name}”的编号是 {done.neighborhood.code}。")
        if done.code:
            click.echo(f"站长的邀请码：{done.code}（14天内有效，用一次）。请站长在小程序里输入。")


@imports.command("check", help="检查一个表格，什么也不改。FILE 是 .xlsx、.xls 或 .csv。")
@click.argument("file", type=WORKBOOK)
@click.option("--into", "code", required=True, help="小区编号，比如 BX-CJ。")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="列名=内容",
    help="改一列认成什么，可写几次。",
)
@click.option("--new-buildings", is_flag=True, help="系统里没有的楼，一起新建。")
@click.option("--keep-id-numbers", is_flag=True, help="身份证号也导入（登记房屋用不着，一般不要）。")
@click.option("--problems", "target", type=TARGET, help="把有问题的行写成一个表格，存在这里。")
def check(
    file: Path, code: str, columns: tuple[str, ...], *, new_buildings: bool, keep_id_numbers: bool, target: Path | None
) -> None:
    """Upload, confirm the columns, run the dry run; print what would happen."""
    content = file.read_bytes()
    with refusing():
        read = sheets.read(content)
        with transaction() as session:
            unit = starting.by_code(session, code)
            batch = intake.take_in(
                session,
                actor=None,
                neighborhood_id=unit.id,
                file_name=file.name,
                content=content,
                sheets=read,
                vault=vault(),
                now=importing.utc_now(),
            )
            batch_id = batch.id
            batches.confirm(
                session,
                actor=None,
                batch_id=batch_id,
                columns=_chosen(batch, columns),
                left_out=(),
                options=batches.Options(new_buildings=new_buildings, keep_id_numbers=keep_id_numbers),
                now=importing.utc_now(),
            )
            _show_columns(batch)
            runs.claim(session, now=importing.utc_now(), batch_id=batch_id)
        _work(batch_id, "正在检查")
        _show_result(batch_id)
        if target is not None:
            _write_problems(batch_id, target)


@imports.command("apply", help="导入检查过的一批。BATCH 是检查完给的批号。")
@click.argument("batch_id", metavar="BATCH", type=int)
def apply(batch_id: int) -> None:
    """Write a checked batch."""
    with refusing():
        with transaction() as session:
            batches.start_apply(session, actor=None, batch_id=batch_id, now=importing.utc_now())
            session.flush()
            runs.claim(session, now=importing.utc_now(), batch_id=batch_id)
        _work(batch_id, "正在导入")
        with _batch(batch_id) as batch:
            _fail_if_failed(batch)
            written = batch.counts["written"]
            click.echo(
                f"导入完了。新增房屋 {written.get('homes', 0)} 套、楼 {written.get('buildings', 0)} 栋，"
                f"住户 {written.get('residencies', 0)} 人；改动房屋 {written.get('homes_changed', 0)} 套、"
                f"住户 {written.get('persons_changed', 0)} 人。"
            )
            click.echo(f"导错了可以整批撤销：flask import undo {batch_id} --reason 写明原因")


@imports.command("undo", help="整批撤销。已经有报修、申请或者后来改过的，会列出来，不撤。")
@click.argument("batch_id", metavar="BATCH", type=int)
@click.option("--reason", required=True, help="为什么撤销，至少四个字。")
def undo(batch_id: int, reason: str) -> None:
    """Take a batch back."""
    with refusing(), transaction() as session:
        batch = undoing.undo(
            session, actor=None, batch_id=batch_id, reason=reason, vault=vault(), now=importing.utc_now()
        )
        done = batch.counts["undone"]
        click.echo(f"撤销完了。退回房屋 {done['homes']} 套，住户 {done['residency']} 人。")


@imports.command("problems", help="把一批里有问题的行写成表格。")
@click.argument("batch_id", metavar="BATCH", type=int)
@click.option("--to", "target", type=TARGET, required=True, help="存在哪里，比如 问题.xlsx。")
def problems(batch_id: int, target: Path) -> None:
    """Write the workbook with the problems."""
    with refusing():
        _write_problems(batch_id, target)


@imports.command("fields", help="一列可以认成什么。")
def fields() -> None:
    """Print the names of fields for ``--column``."""
    for name, said in FIELD_NAMES.items():
        click.echo(f"{name.value}　{said}")


def _chosen(batch: ImportBatch, given: tuple[str, ...]) -> Mapping[tuple[int, int], Field]:
    """Return what was said about columns, for every sheet that has them."""
    chosen: dict[tuple[int, int], Field] = {}
    for one in given:
        title, _, name = one.partition("=")
        names = {said: found for found, said in FIELD_NAMES.items()} | {found.value: found for found in Field}
        places = [
            (at, column["at"])
            for at, sheet in enumerate(batch.layout["sheets"])
            for column in sheet["columns"]
            if plain(column["title"]) == plain(title)
        ]
        if not places:
            raise click.ClickException(f"表里没有叫“{title}”的列。")
        if name not in names:
            raise click.ClickException(f"没有“{name}”这种内容。用 flask import fields 看有哪些。")
        chosen |= dict.fromkeys(places, names[name])
    return chosen


def _show_columns(batch: ImportBatch) -> None:
    for sheet in batch.layout["sheets"]:
        if not sheet["use"]:
            click.echo(f"工作表“{sheet['name']}”没有认出表头，不导入。")
            continue
        click.echo(f"工作表“{sheet['name']}”，{sheet['rows']} 行：")
        for column in sheet["columns"]:
            sure = "" if column["confidence"] >= 100 or column["field"] == "ignore" else "（不太有把握，请核对）"  # noqa: PLR2004
            click.echo(f"  {column['title'] or '（没有列名）'} → {FIELD_NAMES[Field(column['field'])]}{sure}")


def _work(batch_id: int, label: str) -> None:
    with transaction(read_only=True) as session:
        total = session.get_one(ImportBatch, batch_id).rows_total
    with click.progressbar(length=total, label=label) as bar:
        importing.work(batch_id, bar.update)


@contextmanager
def _batch(batch_id: int) -> Iterator[ImportBatch]:
    with transaction(read_only=True) as session:
        yield batches.batch_for(session, None, batch_id)


def _fail_if_failed(batch: ImportBatch) -> None:
    if batch.state is ImportState.FAILED:
        raise click.ClickException(batch.failed_why or runs.TROUBLE)


def _show_result(batch_id: int) -> None:
    with _batch(batch_id) as batch:
        _fail_if_failed(batch)
        counts: Mapping[str, Any] = batch.counts
        click.echo("、".join(f"{said} {counts[key]} 行" for key, said in OUTCOMES.items() if counts[key]) + "。")
        for code, rows in counts["problems"].items():
            grade, sentence = SAID[Code(code)]
            click.echo(f"  {rows} 行（{GRADES[grade]}）：{sentence.replace('第{line}行', '另一行')}")
        if counts["buildings"]:
            names = "、".join(one["name"] for one in counts["buildings"])
            made = "会新建" if batch.options["new_buildings"] else "加上 --new-buildings 就会新建"
            click.echo(f"  系统里还没有的楼：{names}（{made}）。")
        click.echo(f"批号是 {batch_id}，什么也没有改。要导入请运行：flask import apply {batch_id}")


def _write_problems(batch_id: int, target: Path) -> None:
    with transaction(read_only=True) as session:
        content = workbooks.problems(session, actor=None, batch_id=batch_id, vault=vault())
    target.write_bytes(content)
    click.echo(f"有问题的行写在 {target} 里了，改好再检查一次。")
