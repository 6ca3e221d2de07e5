"""``flask people invite-building`` and ``flask export``: what an operator prints and hands out."""

import io
import re

import openpyxl
import pytest
import sqlalchemy as sa

from models import AuditEntry, ExportCopy, Invitation
from services.residencies import invitations
from tests.world import account_of


@pytest.fixture
def run(app, world):
    runner = app.test_cli_runner()

    def command(*words, fails=False):
        world.session.commit()  # a command begins with a connection of its own
        result = runner.invoke(args=list(map(str, words)))
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return command


@pytest.fixture
def code(world):
    return world.place.neighborhood.code


@pytest.fixture
def building(world):
    return world.place.building.name


def codes(output):
    return re.findall(r"　([2-9A-Z]{8})$", output, re.MULTILINE)


def test_a_second_list_ends_the_codes_of_the_first(world, run, code, building, session):
    first = codes(run("people", "invite-building", code, building))
    second = codes(run("people", "invite-building", code, building))
    assert first
    assert len(first) == len(second)
    assert not set(first) & set(second)
    session.expire_all()
    made = session.scalars(sa.select(Invitation)).all()
    assert sum(one.expires_at - one.created_at == invitations.VALID_FOR for one in made) == len(second)
    assert "invitations.listed" in session.scalars(sa.select(AuditEntry.action)).all()


def test_who_is_bound_needs_no_code(world, run, code, building):
    assert len(codes(run("people", "invite-building", code, building))) == 2
    account_of(world.session, world.resident)
    world.session.commit()
    output = run("people", "invite-building", code, building)
    assert len(codes(output)) == 1
    assert "1 人已经绑定" in output


def test_a_wrong_building_names_those_that_are_there(run, code, building):
    assert f"现在有：{building}" in run("people", "invite-building", code, "99", fails=True)


def test_a_copy_is_on_record_and_its_lines_can_be_traced(run, code, building, session, tmp_path):
    target = tmp_path / "register.xlsx"
    run("export", "register", code, "--reason", "换届核对名册", "--building", building, "--to", target)
    copy = session.scalars(sa.select(ExportCopy)).one()
    assert (copy.is_readable, copy.made_by_id) == (False, None)
    rows = list(openpyxl.load_workbook(io.BytesIO(target.read_bytes())).active.iter_rows(values_only=True))
    assert "已打码" in rows[0][0]
    assert copy.reference in run("export", "trace", rows[2][8], rows[2][1])


def test_no_copy_without_a_reason(run, code, session, tmp_path):
    target = tmp_path / "register.xlsx"
    assert "请写清楚" in run("export", "register", code, "--reason", "看", "--to", target, fails=True)
    assert not target.exists()
    assert session.scalars(sa.select(ExportCopy)).all() == []
