"""``flask pay merchant`` told wrong things: a clear sentence, a status that is not 0, and nothing changed."""

import pytest
import sqlalchemy as sa

import wechat
from app.settings import GATEWAYS
from models import AuditEntry, MerchantAccount
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens
from wechat.sandbox.pay.keys import chest_in_memory

MINE = chest_in_memory().certified("a-merchant", "1900009191")
OTHER = chest_in_memory().certified("another-merchant", "1900009192")
FILES = {
    "private-key": MINE.pair.private_pem,
    "certificate": MINE.pem,
    "api-key": "k" * 32,
    "public-key": OTHER.pair.public_pem,
}


@pytest.fixture
def kept(session):
    """A function that says what is registered, and how much was noted about it."""

    def count():
        session.rollback()
        rows = session.execute(sa.select(MerchantAccount.id, MerchantAccount.ends_at).order_by(MerchantAccount.id))
        seen = [tuple(row) for row in rows], session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
        session.rollback()
        return seen

    return count


@pytest.fixture
def run(app, world):
    world.session.commit()
    runner = app.test_cli_runner()

    def command(*words, fails=False):
        result = runner.invoke(args=["pay", "merchant", *map(str, words)])
        assert (result.exit_code != 0) == fails, result.output
        assert "Traceback" not in result.output
        return result.output

    return command


@pytest.fixture
def add(run, tmp_path):
    def command(unit, *, fails=False, mchid="1900009191", **files):
        words = []
        for name, text in {**FILES, **files}.items():
            path = tmp_path / f"{name}.pem"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            words += [f"--{name}", path]
        given = ["--name", "业委会", "--mchid", mchid, "--appid", "wx0000sandbox00000"]
        return run("add", unit, *given, "--public-key-id", "PUB_KEY_ID_0119000091912026", *words, fails=fails)

    return command


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"private-key": MINE.pem}, "请用下载的 apiclient_key.pem"),
        ({"certificate": OTHER.pem}, "证书和私钥不是一对"),
        ({"api-key": "k" * 31}, "正好是32个字母或数字"),
        ({"public-key": "hello"}, "请用下载的 pub_key.pem"),
        ({"private-key": b"\xff\xfe\x00"}, "读不了 private-key.pem"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_registered(add, world, kept, files, words):
    before = kept()
    said = add(world.place.neighborhood.id, fails=True, **files)
    assert words in said
    assert kept() == before


def test_a_file_that_is_not_there_is_named(run, world, kept):
    before = kept()
    said = run("add", world.place.neighborhood.id, "--private-key", "/nowhere/apiclient_key.pem", fails=True)
    assert "apiclient_key.pem" in said
    assert kept() == before


def test_a_unit_that_does_not_exist_is_refused(add, kept):
    before = kept()
    assert "没有找到" in add(987_654, fails=True)
    assert kept() == before


def test_a_neighborhood_has_one_at_a_time(add, world, kept):
    add(world.place.neighborhood.id)
    before = kept()
    assert "请先用 flask pay merchant switch-off" in add(world.place.neighborhood.id, fails=True, mchid="1900009192")
    assert kept() == before


def test_a_number_is_registered_once(add, world, kept):
    add(world.community.id)
    before = kept()
    assert "已经有一个在用的了" in add(world.place.neighborhood.id, fails=True)
    assert kept() == before


def test_below_needs_a_provider(add, run, world, kept):
    hood = world.place.neighborhood.id
    below = ["--name", "业委会", "--sub-mchid", "1900000109"]
    assert "没有找到这个服务商" in run("add-below", hood, 987_654, *below, fails=True)
    add(hood)
    before = kept()
    direct = before[0][0][0]
    assert "没有找到这个服务商" in run("add-below", hood, direct, *below, fails=True)
    assert kept() == before


@pytest.mark.parametrize("number", ["19x", "", "１９００００００１００９", "123456789012345678901234567890123"])
def test_below_needs_a_number_that_is_one(add, run, world, kept, number):
    add(world.community.id)
    before = kept()
    provider = before[0][0][0]
    said = run(
        "add-below", world.place.neighborhood.id, provider, "--name", "业委会", "--sub-mchid", number, fails=True
    )
    assert "特约商户号是8到10位数字" in said
    assert kept() == before


def test_below_is_for_a_neighborhood(add, run, world, kept):
    add(world.community.id)
    before = kept()
    said = run(
        "add-below", world.community.id, before[0][0][0], "--name", "甲", "--sub-mchid", "1900000109", fails=True
    )
    assert "请写小区的编号" in said
    assert kept() == before


def test_a_name_is_needed(add, run, world, kept):
    add(world.community.id)
    before = kept()
    hood, provider = world.place.neighborhood.id, before[0][0][0]
    said = run("add-below", hood, provider, "--name", "  ", "--sub-mchid", "1900000109", fails=True)
    assert "收款方的名称" in said
    assert kept() == before


@pytest.mark.parametrize("command", ["check", "switch-off"])
def test_an_account_that_does_not_exist_is_refused(run, kept, command):
    before = kept()
    assert "请先用 flask pay merchant list" in run(command, 987_654, fails=True)
    assert kept() == before


def test_one_is_switched_off_once(add, run, world, kept):
    add(world.place.neighborhood.id)
    number = kept()[0][0][0]
    run("switch-off", number)
    before = kept()
    assert "没有找到这个商户" in run("switch-off", number, fails=True)
    assert kept() == before


def test_a_provider_in_use_is_not_switched_off(add, run, world, kept):
    add(world.community.id)
    provider = kept()[0][0][0]
    run("add-below", world.place.neighborhood.id, provider, "--name", "业委会", "--sub-mchid", "1900000109")
    before = kept()
    assert "还有小区在用这个服务商" in run("switch-off", provider, fails=True)
    assert kept() == before


def test_a_provider_takes_no_money_to_check(add, run, world, kept):
    add(world.community.id)
    assert "请检查它下面小区的商户" in run("check", kept()[0][0][0], fails=True)


def test_keys_that_wechat_does_not_know_are_told(app, add, run, world, kept):
    from_nowhere = settings_for("http://127.0.0.1:9")
    add(world.place.neighborhood.id)
    before = kept()
    app.extensions[GATEWAYS] = wechat.gateways(from_nowhere, MemoryTokens(), MemoryFiles())
    said = run("check", before[0][0][0], fails=True)
    assert "微信" in said
    assert MINE.pair.private_pem[40:80] not in said
    assert kept() == before
