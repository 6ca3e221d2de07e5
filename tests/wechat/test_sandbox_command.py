"""``python -m wechat.sandbox`` serves the sandbox."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def when_up(url: str) -> requests.Response:
    """Return the first answer, within ten seconds."""
    until = time.monotonic() + 10
    while True:
        try:
            return requests.get(url, timeout=2)
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_the_command_serves_the_page_and_keeps_one_memory() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--port", str(port), "--public-url", "http://127.0.0.1:5050"]
    with subprocess.Popen([sys.executable, "-m", "wechat.sandbox", *options], cwd=ROOT) as process:
        try:
            assert 'href="http://127.0.0.1:5050"' in when_up(url).text
            for number in range(5):
                requests.put(f"{url}/sandbox/phones/p{number}", json={"name": "张"}, timeout=2)
            assert len(requests.get(f"{url}/sandbox/phones", timeout=2).json()["items"]) == 5
        finally:
            process.terminate()
            process.wait(10)


def test_the_command_does_not_share_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        options = ["--port", str(other.getsockname()[1])]
        done = subprocess.run(
            [sys.executable, "-m", "wechat.sandbox", *options], cwd=ROOT, timeout=10, capture_output=True, check=False
        )
    assert done.returncode == 1
    assert "已有别的程序在用" in done.stderr.decode()
