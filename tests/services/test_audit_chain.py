"""The audit trail is chained: what is changed or removed behind the database's back is found, and where."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import AuditEntry, AuditHead, AuditSeal
from services import audit, audit_chain
from services.audit_chain import NotedHead
from tests.world import NOW

SOON = NOW + dt.timedelta(minutes=1)


@pytest.fixture
def chain(world):
    """Ten sealed entries; returns their ids in order."""
    ids = [
        audit.note(world.session, actor=None, now=NOW, action="unit.named", subject=("org_unit", number),
                   detail={"新": "彩进", "n": [1, None, True], "was": {"b": 1, "a": "é"}})
        for number in range(1, 11)
    ]  # fmt: skip
    world.session.flush()
    seal_all(world.session)
    return ids


def seal_all(session, now=SOON):
    while audit_chain.seal(session, now=now):
        pass
    session.flush()


def broken(session, *noted, now=SOON):
    session.expire_all()
    return [(one.position, one.entry_id, one.what) for one in audit_chain.verify(session, now=now, noted=noted)]


def behind_the_back(session, statement, table="audit_entry"):
    """What somebody can do who owns the database file: triggers and keys do not stop them."""
    if session.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            session.execute(sa.text(f"drop trigger if exists {table}_no_{action}"))
        session.execute(sa.text("pragma defer_foreign_keys = on"))
    else:
        session.execute(sa.text(f"drop trigger if exists {table}_stays on {table}"))
        session.execute(sa.text("alter table audit_seal drop constraint if exists fk_audit_seal_entry_id_audit_entry"))
    session.execute(sa.text(statement))


def test_a_chain_that_nobody_touched_holds(world, chain):
    assert broken(world.session) == []
    assert world.session.scalars(sa.select(AuditSeal.entry_id).order_by(AuditSeal.position)).all() == chain


def test_positions_have_no_gaps_and_new_entries_are_added_behind(world, chain):
    late = audit.note(world.session, actor=None, now=NOW, action="unit.named", subject=("org_unit", 11))
    seal_all(world.session)
    assert world.session.scalar(sa.select(AuditSeal.position).where(AuditSeal.entry_id == late)) == 11
    assert broken(world.session) == []


@pytest.mark.parametrize(
    "change",
    [
        "action = 'unit.closed'",
        "actor_id = null, purpose = '别的'",
        "detail = '{}'",
        "at = '2020-01-01 00:00:00.000000'",
    ],
)
def test_a_changed_entry_is_found_where_it_stands(world, chain, change):
    behind_the_back(world.session, f"update audit_entry set {change} where id = {chain[3]}")
    assert [found[:2] for found in broken(world.session)] == [(4, chain[3])]


def test_a_removed_entry_is_found(world, chain):
    behind_the_back(world.session, f"delete from audit_entry where id = {chain[5]}")
    assert broken(world.session) == [(6, chain[5], "这条留痕被删掉了")]


def test_a_removed_seal_is_found(world, chain):
    behind_the_back(world.session, "delete from audit_seal where position = 5", "audit_seal")
    found = broken(world.session)
    assert found[0][0] == 5
    assert "不见了" in found[0][2]


def test_a_removed_tail_is_found_by_the_published_head(world, chain):
    assert world.session.scalars(sa.select(AuditHead.position)).one() == 10
    behind_the_back(world.session, "delete from audit_seal where position > 8", "audit_seal")
    behind_the_back(world.session, f"delete from audit_entry where id > {chain[7]}")
    assert broken(world.session) == [(10, None, "公布过第10条，现在只到第8条：末尾被删掉了")]


def test_a_chain_that_was_written_anew_is_found_by_a_head_that_somebody_noted(world, chain):
    noted = NotedHead(10, audit_chain.length(world.session).hash)
    for table in ("audit_seal", "audit_head"):
        behind_the_back(world.session, f"delete from {table}", table)
    behind_the_back(world.session, f"update audit_entry set action = 'unit.closed' where id = {chain[3]}")
    seal_all(world.session)
    assert broken(world.session) == []
    assert broken(world.session, noted) == [(10, None, "和公布过的数字不一样：整条链被重写过")]


def test_entries_that_nobody_seals_are_told(world, chain):
    left = audit.note(world.session, actor=None, now=NOW, action="unit.named", subject=("org_unit", 12))
    assert broken(world.session) == []
    assert [found[:2] for found in broken(world.session, now=NOW + dt.timedelta(hours=2))] == [(11, left)]


def test_a_head_is_published_once_a_day(world, chain):
    seal_all(world.session, SOON + dt.timedelta(hours=1))
    assert world.session.scalar(sa.select(sa.func.count()).select_from(AuditHead)) == 1
    seal_all(world.session, SOON + dt.timedelta(days=1))
    assert world.session.scalar(sa.select(sa.func.count()).select_from(AuditHead)) == 2


def test_everybody_can_read_the_head(client, world):
    world.session.commit()
    assert client.get("/api/v1/audit/head").get_json()["code"] == "no_head_yet"
    audit.note(world.session, actor=None, now=NOW, action="unit.named", subject=("org_unit", 1))
    seal_all(world.session)
    world.session.commit()
    answer = client.get("/api/v1/audit/head").get_json()
    assert (answer["day"], answer["position"]) == ("2026-11-23", 1)
    assert answer["hash"] == audit_chain.length(world.session).hash


def test_the_command_says_that_all_is_well_or_where_it_is_not(app, world, chain):
    world.session.commit()
    well = app.test_cli_runner().invoke(args=["privacy", "verify"])
    assert well.exit_code == 0, well.output
    assert f"10:{audit_chain.length(world.session).hash}" in well.output
    world.session.commit()  # a command finds no transaction open
    wrong = app.test_cli_runner().invoke(args=["privacy", "verify", "--head", "12:abc"])
    assert wrong.exit_code == 1
    assert "末尾被删掉了" in wrong.output


def test_the_trail_itself_refuses_changes(world, chain):
    for statement in ("update audit_seal set hash = ''", "delete from audit_seal", "delete from audit_head"):
        with pytest.raises(sa.exc.DBAPIError), world.session.begin_nested():
            world.session.execute(sa.text(statement))
    assert world.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 10
