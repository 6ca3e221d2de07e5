"""``flask codes``: from no code to a printed sheet, and to a replaced one."""

import pytest

from models import ScanCode


@pytest.fixture
def run(app, world):
    world.session.commit()

    def invoke(*arguments, code=0):
        answer = app.test_cli_runner().invoke(args=["codes", *arguments])
        assert answer.exit_code == code, answer.output
        return answer.output

    return invoke


def test_codes_are_made_listed_printed_and_replaced(run, world, tmp_path):
    place = world.place.neighborhood.code
    world.session.commit()
    assert "新发 3 个码" in run("make", place)
    assert "新发 0 个码" in run("make", place)
    numbers = [line.split("　")[0] for line in run("list", place).splitlines()]
    assert len(numbers) == len(set(numbers)) == 3
    run("sheet", place, "--to", str(tmp_path))
    run("sheet", place, "--to", str(tmp_path), "--number", numbers[0], "--format", "svg", "--size", "card")
    assert (tmp_path / "彩进小区 楼栋码.pdf").read_bytes().startswith(b"%PDF-")
    assert len(list(tmp_path.glob("*.svg"))) == 1
    assert f"新码编号还是 {numbers[0]}" in run("revoke", place, numbers[0])
    run("revoke", place, numbers[0], "--no-new", "--why", "misused")
    assert len(run("list", place).splitlines()) == 2
    assert len(run("list", place, "--ended").splitlines()) == 2
    assert world.session.query(ScanCode).count() == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "NO-SUCH"), "小区"),
        (("revoke", "{place}", "1234"), "编号"),
        (("revoke", "{place}", "0013"), "没有编号 0013 的码"),
        (("sheet", "{place}", "--to", "{folder}", "--what", "checkpoints"), "还没有可以打印的巡查点的码"),
    ],
)
def test_what_does_not_work_is_said_in_words(run, world, tmp_path, arguments, said):
    place = world.place.neighborhood.code
    world.session.commit()
    assert said in run(*(one.format(place=place, folder=tmp_path) for one in arguments), code=1)
