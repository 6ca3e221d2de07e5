import os
import re
import signal
import subprocess
import sys
import time
from urllib.request import ProxyHandler, build_opener

import pytest

from app.cli.stack import PROJECT, port_is_free

OPEN = build_opener(ProxyHandler({})).open
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\S*")


@pytest.mark.slow
def test_make_run_shows_its_addresses_and_leaves_nothing_behind(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WUYOU_", "FLASK_"))}
    environment |= {"PYTHONPATH": str(PROJECT), "FLASK_APP": "wsgi", "PYTHONUNBUFFERED": "1"}
    trial = subprocess.Popen(
        [sys.executable, "-m", "flask", "trial"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told = _read_until(trial, "Ctrl-C")
        phones, home, console, docs = (match.group() for match in ADDRESS.finditer(told))

        assert "王桂兰　居民" in told
        assert "还没有登记" not in told  # on a database of one's own it says whose phones are strangers'
        assert "微信是模拟的" in OPEN(home).read().decode()
        assert OPEN(phones).status == 200
        assert OPEN(docs).status == 200
        assert "扫" in OPEN(console).read().decode()
    finally:
        os.killpg(trial.pid, signal.SIGINT)
        rest, _ = trial.communicate(timeout=60)

    assert "都停好了" in rest
    assert all(port_is_free(int(port)) for port in ADDRESS.findall(told))


def _read_until(process, word):
    told = ""
    until = time.monotonic() + 90
    while word not in told:
        line = process.stdout.readline()
        assert line, f"it ended: {told}"
        assert time.monotonic() < until, told
        told += line
    return told
