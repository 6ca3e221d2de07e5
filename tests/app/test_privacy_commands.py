"""``flask privacy``: periods, texts, and requests that no neighborhood answers."""

import pytest
import sqlalchemy as sa

from models import ConsentText, RetentionRule
from services.privacy import erasure
from tests.world import NOW, account_of, new_person


@pytest.fixture
def run(app):
    def call(*words, **more):
        return app.test_cli_runner().invoke(args=["privacy", *words], **more)

    return call


def test_retention_shows_every_rule_and_runs(run, world):
    world.session.commit()
    shown = run("retention")
    assert "个人消息：满730天删除" in shown.output
    assert "清理完了" in run("retention", "--run").output
    assert run("retention-report").exit_code == 0


def test_a_period_is_changed_by_a_new_row(run, session):
    assert "保存900天" in run("set-retention", "inbox_item", "900", "--source", "本地规定").output
    rows = session.execute(
        sa.select(RetentionRule.keep_days, RetentionRule.until.is_(None))
        .where(RetentionRule.subject == "inbox_item")
        .order_by(RetentionRule.id)
    ).all()
    assert [tuple(row) for row in rows] == [(730, False), (900, True)]


def test_no_period_below_the_law(run):
    refused = run("set-retention", "sign_in", "30", "--source", "省地方")
    assert refused.exit_code != 0
    assert "至少要留183天" in refused.output


def test_a_new_text_is_a_new_version(run, session, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("新的说明。", encoding="utf-8")
    assert "第2版" in run("new-text", "share", str(file), "--changed", "改短了。").output
    text = session.scalars(sa.select(ConsentText).where(ConsentText.version == 2)).one()
    assert (text.kind_code, text.body, text.asks_again) == ("share", "新的说明。", True)
    assert run("new-text", "share", str(file), "--changed", "没改。").exit_code != 0
    assert run("new-text", "dreams", str(file), "--changed", "没有。").exit_code != 0


def test_the_operator_answers_who_belongs_nowhere(run, world):
    somebody = new_person(world.session, world.vault, "过路人")
    account = account_of(world.session, somebody)
    filed = world.file()
    world.session.execute(sa.text("update ticket set reporter_id = :who where id = :id").bindparams(
        who=somebody.id, id=filed.id))  # fmt: skip
    (request,) = erasure.requested_by_wechat(world.session, openid=account.openid, now=NOW)
    world.session.commit()
    assert f"{request.id}　删除我的资料" in run("requests").output
    blocked = run("answer", str(request.id), "--answer", "已经删掉。")
    assert "还没办完" in blocked.output
    assert run("answer", str(request.id), "--answer", "单子办完再删。", "--refuse").exit_code == 0
    assert run("requests").output.strip() == "没有。"
