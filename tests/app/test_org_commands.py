"""``flask org``: from an empty database to a neighborhood with its first officer."""

import re

import pytest
import sqlalchemy as sa

from models import Membership, Person, Role, Ticket
from services.org import checking


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def command(*words, fails=False):
        result = runner.invoke(args=["org", *map(str, words)])
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return command


def number(output):
    return int(re.search(r"编号 (\d+)", output).group(1))


def test_a_place_is_built_from_nothing_and_gets_its_officer(session, run):
    assert "还没有单位" in run("tree")
    community = number(run("create", "--kind", "community", "--name", "彩进社区"))
    hood = number(
        run("create", "--kind", "neighborhood", "--name", "彩进小区", "--code", "bx-cj", "--parent", community)
    )
    run("create", "--kind", "building", "--name", "1号楼", "--parent", hood)
    assert run("tree").splitlines()[:2] == [
        f"彩进社区（社区，编号 {community}）",
        f"　彩进小区（小区，编号 {hood}）",
    ]
    output = run("appoint", community, "--role", "community_officer", "--name", "周正", "--phone", "15400000008")
    assert "社区工作人员" in output
    assert session.scalars(sa.select(Membership.role)).one() is Role.COMMUNITY_OFFICER
    assert session.scalars(sa.select(Person.name_masked)).one() == "周*"
    listed = run("members", community)
    assert "周*" in listed
    assert "周正" not in listed
    assert "彩进小区：楼 1 栋，没人管的 1 栋" in run("coverage", community)
    assert "已经结束" in run("end", number(output))


def test_a_refusal_is_read_as_it_is_and_changes_nothing(session, run):
    output = run("create", "--kind", "building", "--name", "1号楼", fails=True)
    assert "楼栋要建在上级单位下面。请选上级。" in output
    assert "没有找到这个单位" in run("coverage", 99, fails=True)


def test_positions_are_defined_and_listed(world, run):
    place = world.place.neighborhood.id
    world.session.commit()
    assert "还没有岗位" in run("positions", place)
    run("define-position", "楼组长", "--role", "building_leader", "--add", "ticket:triage", "--remove", "ticket:record")
    assert "楼组长（楼长，全市通用）　+ticket:triage -ticket:record" in run("positions", place)
    assert "不能再加这些权限" in run(
        "define-position", "楼霸", "--role", "building_leader", "--add", "org:write", fails=True
    )


def test_a_ticket_that_missed_a_move_is_found_and_put_right(world, run):
    filed = world.file()
    world.session.execute(sa.update(Ticket).where(Ticket.id == filed.id).values(unit_path="/1/2/3/"))
    world.session.commit()
    assert "单子路径 1 处" in run("check", fails=True)
    assert "一致" in run("check", "--mend")
    assert checking.strays(world.session) == checking.Strays(0, 0, 0)
