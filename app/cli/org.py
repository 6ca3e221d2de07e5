"""``flask org``: what an operator does before there is an officer who could do it in the console."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.settings import vault
from app.transaction import transaction
from models import EndReason, Role, UnitKind
from services.clocks import SHANGHAI
from services.errors import InvalidInput, ServiceError
from services.org import checking, coverage, hats, history, lists, memberships, positions, tree
from services.org.offices import HELD_AT, WITH_A_SEAT, Post
from services.org.persons import Who
from services.permissions import ROLE_NAMES, Permission
from services.reading.pages import MOST, PageRequest

org = AppGroup("org", help="组织：单位、任职、岗位、缺口。")
KINDS = click.Choice([kind.value for kind in UnitKind])
ROLES = click.Choice([role.value for role in Role if role in HELD_AT and role not in WITH_A_SEAT])
REASONS = click.Choice([reason.value for reason in EndReason])
DAY = click.DateTime(["%Y-%m-%d"])
PERMISSIONS = click.Choice([permission.value for permission in Permission])


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


@org.command("tree", help="看组织树；UNIT 是单位编号，不写就从最上层看起。")
@click.argument("unit", type=int, required=False)
@click.option("--levels", default=3, show_default=True, help="往下看几层。")
@click.option("--when", type=DAY, help="看哪一天的（年-月-日），不写就是现在。")
def show_tree(unit: int | None, levels: int, when: dt.datetime | None) -> None:
    """Print the tree as it stands or stood."""
    with _acting() as session:
        rows = history.tree_at(session, when=_moment(when), root_id=unit, levels=levels)
    if not rows:
        click.echo("还没有单位。先用 flask org create 建一个。")
    below: dict[int | None, list[int]] = {}
    for row in rows:
        below.setdefault(row["parent_id"], []).append(row["id"])
    by_id = {row["id"]: row for row in rows}
    waiting = [(row["id"], 0) for row in reversed(rows) if row["parent_id"] not in by_id]
    while waiting:
        one, depth = waiting.pop()
        row = by_id[one]
        click.echo(f"{'　' * depth}{row['name']}（{tree.KIND_NAMES[row['kind']]}，编号 {one}）")
        waiting += [(child, depth + 1) for child in reversed(below.get(one, []))]


@org.command("create", help="建一个单位。最上层的不写 --parent。")
@click.option("--kind", type=KINDS, required=True, help="哪一种。")
@click.option("--name", required=True, help="名称。")
@click.option("--parent", type=int, help="上级单位的编号。")
@click.option("--code", help="小区编号，印在报修单号开头，比如 BX-CJ。")
def create(kind: str, name: str, parent: int | None, code: str | None) -> None:
    """Make a unit."""
    with _acting() as session:
        unit = tree.create(
            session, actor=None, parent_id=parent, kind=UnitKind(kind), name=name, code=code, now=_moment(None)
        )
        click.echo(f"建好了：{unit.name}，编号 {unit.id}。")


@org.command("appoint", help="任命：UNIT 是单位编号。这个人以前没登记过，就按姓名和手机号登记。")
@click.argument("unit", type=int)
@click.option("--role", type=ROLES, help="角色。")
@click.option("--position", type=int, help="岗位编号；写了岗位就不用写角色。")
@click.option("--name", required=True, prompt="姓名", help="姓名。")
@click.option("--phone", required=True, prompt="手机号", help="手机号。")
@click.option("--until", type=DAY, help="到哪一天为止（年-月-日），不写就是长期。")
@click.option("--conflict-reason", help="有利益冲突还要任命时，写明理由。")
def appoint(
    unit: int,
    role: str | None,
    position: int | None,
    name: str,
    phone: str,
    until: dt.datetime | None,
    conflict_reason: str | None,
) -> None:
    """Give somebody a role: this is how the first officer of a place comes to be."""
    post = Post(unit, Role(role) if role else None, position, ends_at=_moment(until) if until else None)
    with _acting() as session:
        made = hats.appoint(
            session,
            actor=None,
            who=Who(name=name, phone=phone),
            post=post,
            vault=vault(),
            now=_moment(None),
            conflict_reason=conflict_reason,
        )
        click.echo(f"任命好了：{memberships.title_of(session, made)}，任职编号 {made.id}。")
        click.echo("接着用 flask people invite 给他发邀请码，他在小程序里输入，就能进来。")


@org.command("end", help="结束任职：MEMBERSHIP 是任职编号。")
@click.argument("membership", type=int)
@click.option("--reason", type=REASONS, default=EndReason.RESIGNED.value, show_default=True, help="为什么结束。")
def end(membership: int, reason: str) -> None:
    """End a membership; what is open is listed to be handed over."""
    with _acting() as session:
        hats.end(
            session,
            actor=None,
            membership_id=membership,
            reason=EndReason(reason),
            now=_moment(None),
            vault=vault(),
        )
        click.echo("已经结束。没办完的事在交接单上。")


@org.command("members", help="看一个单位和它下面谁在任。")
@click.argument("unit", type=int)
def members(unit: int) -> None:
    """Print who holds what, masked."""
    with _acting() as session:
        cursor = None
        while True:
            page = lists.memberships(
                session, actor=None, unit_id=unit, ended=False, now=_moment(None), page=PageRequest(MOST, cursor)
            )
            for row in page.items:
                until = f"，到{row['ends_at'].astimezone(SHANGHAI):%Y-%m-%d}" if row["ends_at"] else ""
                click.echo(f"{row['id']}　{row['unit_name']}　{row['title']}　{row['name'] or '没写姓名'}{until}")
            if page.next is None:
                return
            cursor = page.next


@org.command("positions", help="看一个小区能用的岗位和它们的权限。")
@click.argument("neighborhood", type=int)
def show_positions(neighborhood: int) -> None:
    """Print positions."""
    with _acting() as session:
        rows = positions.listed(session, actor=None, neighborhood_id=neighborhood)
    for row in rows:
        changes = [*(f"+{name}" for name in row["added"]), *(f"-{name}" for name in row["removed"])]
        place = "全市通用" if row["neighborhood_id"] is None else "本小区"
        click.echo(f"{row['id']}　{row['title']}（{row['base_role_name']}，{place}）　{' '.join(changes)}")
    if not rows:
        click.echo("还没有岗位。任命时直接写角色就行，要改称呼或权限再建岗位。")


@org.command("define-position", help="建一个岗位：本地的叫法，再加减几个权限。")
@click.argument("title")
@click.option("--role", type=ROLES, required=True, help="基础角色。")
@click.option("--neighborhood", type=int, help="小区编号，不写就是全市通用。")
@click.option("--add", "added", type=PERMISSIONS, multiple=True, help="加上的权限，可以写几次。")
@click.option("--remove", "removed", type=PERMISSIONS, multiple=True, help="去掉的权限，可以写几次。")
def define_position(
    title: str, role: str, neighborhood: int | None, added: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    """Make a position."""
    with _acting() as session:
        made = positions.define(
            session,
            actor=None,
            neighborhood_id=neighborhood,
            title=title,
            base_role=Role(role),
            added=[Permission(name) for name in added],
            removed=[Permission(name) for name in removed],
            now=_moment(None),
        )
        click.echo(f"建好了：{made.title}（{ROLE_NAMES[made.base_role]}），岗位编号 {made.id}。")


@org.command("coverage", help="看缺口：没有楼长的楼、没有党小组的楼、没有人负责的服务。")
@click.argument("unit", type=int)
@click.option("--when", type=DAY, help="看哪一天的（年-月-日），不写就是现在。")
def show_coverage(unit: int, when: dt.datetime | None) -> None:
    """Print what is missing."""
    with _acting() as session:
        found = coverage.report(session, actor=None, unit_id=unit, when=_moment(when))
    for row in (*found["items"], {"name": "合计", **found["total"]}):
        click.echo(
            f"{row['name']}：楼 {row['buildings']} 栋，没人管的 {row['without_leader']} 栋，"
            f"没有党小组的 {row['without_party_group']} 栋；"
            f"服务 {row['domains']} 项，没人负责的 {row['without_person']} 项。"
        )


@org.command("check", help="核对组织树和单子的路径是不是一致。")
@click.option("--mend", is_flag=True, help="把单子的路径改对。")
def check(*, mend: bool) -> None:
    """Compare what is written twice; put the tickets right if asked."""
    with _acting() as session:
        if mend:
            checking.mend_tickets(session)
        found = checking.strays(session)
    if found.found:
        raise click.ClickException(
            f"不一致：单位路径 {found.units} 处，位置记录 {found.placements} 处，单子路径 {found.tickets} 处。"
            "单子路径可以用 flask org check --mend 改对；别的请联系开发人员。"
        )
    click.echo("一致。")


def _moment(day: dt.datetime | None) -> dt.datetime:
    """Return the beginning of a day in Shanghai, or now."""
    return day.replace(tzinfo=SHANGHAI) if day else dt.datetime.now(dt.UTC)
