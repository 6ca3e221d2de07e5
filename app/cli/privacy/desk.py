"""Retention, texts of consents, and the requests that no neighborhood's desk answers."""

import datetime as dt
from pathlib import Path

import click

from app.cli.privacy.group import acting, privacy
from app.settings import vault
from models import RetentionAction
from services.clocks import SHANGHAI, local_day
from services.privacy import operating, retention
from services.privacy.desk_moves import KIND_NAMES

ACTION_NAMES = {
    RetentionAction.DELETE: "删除",
    RetentionAction.PSEUDONYMISE: "去掉本人信息",
    RetentionAction.RESTRICT: "只存不用",
}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@privacy.command("retention", help="看保存期限：每一条规矩现在会清掉多少。加 --run 就真的清。")
@click.option("--run", "really", is_flag=True, help="现在就清，不等定时任务。")
def show_retention(*, really: bool) -> None:
    """Print what the rules would remove now, and remove it if asked."""
    with acting() as session:
        for one in retention.due(session, now=_now()):
            click.echo(
                f"{one.name}：满{one.keep_days}天{ACTION_NAMES[one.action]}，现在有 {one.rows} 条到期。（{one.source}）"
            )
    done = 0
    while really:
        with acting() as session:
            step = retention.run(session, now=_now())
        done += step
        if not step:
            click.echo(f"清理完了，一共 {done} 条。")
            break


@privacy.command("retention-report", help="看最近清掉了什么。")
@click.option("--days", default=90, show_default=True, help="最近多少天。")
def retention_report(days: int) -> None:
    """Print what was removed by day and rule."""
    with acting() as session:
        rows = retention.report(session, since=local_day(_now()) - dt.timedelta(days=days))
    for row in rows:
        click.echo(f"{row['day']}　{row['name']}　{ACTION_NAMES[row['action']]}　{row['changed']} 条")
    if not rows:
        click.echo("这段时间没有清掉什么。")


@privacy.command("set-retention", help="改一条保存期限：SUBJECT 是规矩的代号，DAYS 是天数。旧的到今天为止。")
@click.argument("subject", type=click.Choice(sorted(retention.KEPT)))
@click.argument("days", type=click.IntRange(min=1))
@click.option("--source", required=True, help="依据：哪条法律、哪份本地规定。")
def set_retention(subject: str, days: int, source: str) -> None:
    """Give a rule another period from today on."""
    with acting() as session:
        kept = operating.set_retention(session, subject=subject, days=days, source=source, now=_now())
    click.echo(f"改好了：{retention.KEPT[subject].name}保存{kept}天。")


@privacy.command("new-text", help="换一份说明：KIND 是代号（notice、care、child、share、publish），FILE 是正文文件。")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--changed", required=True, help="一句话写明改了什么，居民会看到。")
@click.option("--ask-again/--keep-answers", default=True, help="改的是实质内容就要重新问；只改错字不用。")
def new_text(kind: str, file: Path, changed: str, *, ask_again: bool) -> None:
    """Put a new version of a text in force."""
    with acting() as session:
        made = operating.new_text(
            session,
            kind=kind,
            body=file.read_text(encoding="utf-8"),
            changed=changed,
            asks_again=ask_again,
            now=_now(),
        )
        click.echo(f"换好了：第{made.version}版。{'居民下次打开会重新问。' if ask_again else '以前的同意继续算数。'}")


@privacy.command("requests", help="看没有小区可管的个人信息申请：这些由运营的人答复。")
def show_requests() -> None:
    """Print the open requests of people who belong to no neighborhood."""
    with acting() as session:
        rows = operating.unplaced(session)
    for row in rows:
        due = row.due_at.astimezone(SHANGHAI)
        click.echo(f"{row.id}　{KIND_NAMES[row.kind]}　{due:%Y-%m-%d} 前答复")
    if not rows:
        click.echo("没有。")


@privacy.command("answer", help="答复一个没有小区可管的申请：REQUEST 是申请编号。删除和只存不用会真的办。")
@click.argument("request", type=int)
@click.option("--answer", prompt="答复", help="写给本人看的话。")
@click.option("--refuse", is_flag=True, help="不办，只答复原因。")
def answer(request: int, answer: str, *, refuse: bool) -> None:
    """Answer such a request."""
    with acting() as session:
        operating.answer(session, request_id=request, words=answer, refuse=refuse, vault=vault(), now=_now())
    click.echo("答复好了。")
