"""An import that is killed anywhere leaves nothing half done; and a newcomer follows the page."""

import datetime as dt
import re
import shlex
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import create_app, importing
from app.extensions import db
from app.settings import vault
from app.transaction import READ_ENGINE, transaction
from models import Home, HomeRight, ImportBatch, OrgUnit, Person, Residency, UnitKind
from services.imports import batches, intake, sheets, starting
from tests.databases import settings_for
from tests.fakes import fake_gateways
from tests.flows.killed_import import POINTS, run_until_killed
from tests.importing import workbook

ROOT = Path(__file__).parents[2]
ROWS = [
    f"{1 + at // 4}号楼,1单元,{101 + at % 4},50,{name}大山,1540000{at:04}" for at, name in enumerate("王李张刘赵陈")
]


def prepared(point):
    """A checked batch that is to be applied; its workbook has a neighborhood of its own."""
    with transaction() as session:
        names = ["明山区", "高峪街道", "彩进社区", f"彩进小区{point}"]
        unit = starting.start(
            session, names=names, code=f"BX-{POINTS.index(point)}", manager=None, vault=vault(), now=importing.utc_now()
        ).neighborhood
        content = workbook(*ROWS)
        batch = intake.take_in(
            session, actor=None, neighborhood_id=unit.id, file_name="x.csv", content=content,
            sheets=sheets.read(content), vault=vault(), now=importing.utc_now(),
        )  # fmt: skip
        options = batches.Options(new_buildings=True)
        batches.confirm(
            session, actor=None, batch_id=batch.id, columns={}, left_out=(), options=options, now=importing.utc_now()
        )
        unit_id, batch_id = unit.id, batch.id
    importing.run_due()
    with transaction() as session:
        batches.start_apply(session, actor=None, batch_id=batch_id, now=importing.utc_now())
    return unit_id, batch_id


def visible(unit_id):
    with transaction() as session:
        return [
            session.scalar(sa.select(sa.func.count()).select_from(model).where(model.neighborhood_id == unit_id))
            for model in (Home, Residency, HomeRight)
        ]


@pytest.mark.slow
def test_an_import_killed_at_any_point_is_nothing_or_whole(databases):
    settings = settings_for(databases.fresh())
    app = create_app(settings, fake_gateways())
    with app.app_context():
        for point in POINTS:
            unit_id, batch_id = prepared(point)
            db.session.remove()
            assert run_until_killed(point, settings) == -signal.SIGKILL, point
            assert visible(unit_id) == [0, 0, 0], point
            with transaction() as session:  # three minutes pass
                past = importing.utc_now() - dt.timedelta(minutes=5)
                session.execute(sa.update(ImportBatch).where(ImportBatch.id == batch_id).values(leased_until=past))
            importing.run_due()
            assert visible(unit_id) == [6, 6, 18], point
            with transaction() as session:
                batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
                assert batch.state.value == "applied", point
        with transaction() as session:
            # Nobody was written twice: six people for each of the neighborhoods.
            named = sa.select(sa.func.count()).select_from(Person).where(Person.name_sealed.is_not(None))
            assert session.scalar(named) == 6 * len(POINTS)
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def commands(page):
    """The ``flask import`` commands of a page, word by word."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line.partition("--app wsgi ")[2]) for line in lines if "--app wsgi import" in line]


@pytest.mark.parametrize("page", ["docs/first-neighborhood.md", "docs/first-neighborhood.zh-CN.md"])
def test_a_newcomer_follows_the_page(app, session, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = app.test_cli_runner()
    said, batches_said = [], []
    for words in commands(page):
        given = [str(ROOT / word) if word.startswith("docs/samples/") else word for word in words]
        if given[1] in {"apply", "undo"}:
            given[2] = batches_said[int(given[2]) - 1]
        result = runner.invoke(args=given)
        assert result.exit_code == 0, (words, result.output)
        said.append(result.output)
        batches_said += re.findall(r"批号是 (\d+)", result.output)
    assert "站长的邀请码" in said[0]
    assert "有矛盾" in said[1]
    assert (tmp_path / "问题.xlsx").exists()
    assert "新增 72 行" in said[2]
    counts = dict(
        session.execute(
            sa.select(OrgUnit.kind, sa.func.count()).where(OrgUnit.closed_at.is_(None)).group_by(OrgUnit.kind)
        ).all()
    )
    assert counts[UnitKind.BUILDING] == 5
    assert session.scalar(sa.select(sa.func.count()).select_from(Home)) == 120
    assert session.scalar(sa.select(sa.func.count()).select_from(Residency)) > 120
