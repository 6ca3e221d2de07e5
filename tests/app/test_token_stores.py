"""Where processes share WeChat's token: in the database, or in a real Redis.  One process at a time renews it."""

import datetime as dt
import secrets
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

import wechat
from app.redis_tokens import RedisTokenStore
from app.tokens import DatabaseTokenStore
from services.errors import TokenRejected
from services.ports import StoredToken, SubscribeMessage
from services.vault import MasterKeys, Vault
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, Scripted, serving
from wechat.tokens import AccessTokens

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """A Redis of our own on a free port, without anything on disk."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen([binary, *options], cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            yield ready(f"redis://127.0.0.1:{port}/0")
        finally:
            process.terminate()


def ready(url):
    with redis.Redis.from_url(url) as client:
        for _ in range(100):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return url
    raise TimeoutError("redis-server does not answer")


@pytest.fixture
def vault():
    return Vault(MasterKeys({"k": "k" * 40}), "l" * 40)


@pytest.fixture(params=["database", "redis"])
def stores(request, app):
    """Two stores on the same place, as two processes have them."""
    if request.param == "redis":
        url, vault = request.getfixturevalue("redis_url"), request.getfixturevalue("vault")
        return RedisTokenStore(url, vault), RedisTokenStore(url, vault)
    vault = app.extensions["wuyou_vault"]
    return DatabaseTokenStore(app, vault), DatabaseTokenStore(app, vault)


@pytest.fixture
def name():
    return f"wechat:{secrets.token_hex(4)}:access_token"


def test_what_one_process_keeps_another_finds(stores, name):
    one, other = stores
    assert other.get(name) is None
    token = StoredToken("T" * 512, NOW + dt.timedelta(hours=2))
    one.put(name, token)
    assert other.get(name) == token
    other.put(name, StoredToken("U", NOW + dt.timedelta(hours=2)))
    assert one.get(name).value == "U"


def test_a_token_past_its_end_can_still_be_compared(stores, name):
    one, other = stores
    one.put(name, StoredToken("OLD", NOW - dt.timedelta(minutes=1)))
    assert other.get(name).value == "OLD"


def test_only_one_may_renew_at_a_time(stores, name):
    one, other = stores
    assert one.claim(name, "one", 5)
    assert not other.claim(name, "other", 5)
    other.release(name, "other")
    assert not other.claim(name, "other", 5)
    one.release(name, "one")
    assert other.claim(name, "other", 5)


def test_the_right_of_a_process_that_died_runs_out(stores, name):
    one, other = stores
    assert one.claim(name, "one", 0.05)
    time.sleep(0.1)
    assert other.claim(name, "other", 5)


def test_two_processes_that_need_a_token_at_once_fetch_it_once(redis_url, vault, name):
    fetched = []

    def fetch(*, force):
        fetched.append(force)
        time.sleep(0.2)
        return StoredToken("TOKEN", dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))

    tokens = [AccessTokens(name, RedisTokenStore(redis_url, vault), fetch) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        # The lock of this process is left out: these stand for eight processes.
        assert {token.value for token in pool.map(lambda one: one._from_store_or_fetch(), tokens)} == {"TOKEN"}
    assert fetched == [False]


def test_the_twenty_forced_renewals_are_counted_for_all_processes(stores, name):
    forced = []

    def fetch(*, force):
        forced.append(force)
        return StoredToken("SAME", dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))

    one, other = (AccessTokens(name, store, fetch) for store in stores)
    one.replace("SAME")
    with pytest.raises(TokenRejected):
        other.replace("SAME")
    assert forced.count(True) == 1


def test_redis_keeps_no_token_that_could_be_read(redis_url, vault, name):
    RedisTokenStore(redis_url, vault).put(name, StoredToken("SECRET-TOKEN", NOW + dt.timedelta(hours=2)))
    with redis.Redis.from_url(redis_url) as client:
        kept = client.get(f"wuyou:token:{name}")
        assert b"SECRET-TOKEN" not in kept
        assert 0 < client.ttl(f"wuyou:token:{name}") <= 3 * 3600


def test_messages_go_out_while_redis_is_away(vault):
    server = Scripted()
    with serving(server.app()) as url:
        store = RedisTokenStore("redis://:password-of-redis@127.0.0.1:1/0", vault)
        gateways = wechat.gateways(settings_for(url), store, MemoryFiles())
        gateways.messages.send(SubscribeMessage("openid", "ticket_progress", {}))
    assert server.count("/cgi-bin/message/subscribe/send") == 1
