"""``python -m wechat.sandbox``: runs the sandbox under granian, in one process, because its memory is its state."""

import argparse
import os
import socket
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from wechat.sandbox.server import FOLDER_VARIABLE, OPEN_VARIABLE, PUBLIC_URL_VARIABLE

# Ordered delays sleep in their thread: 32 senders that each wait 50 ms must not wait for one another.
THREADS = 64


def main() -> None:
    """Read the options and serve until stopped."""
    options = _options()
    if _taken(options.host, options.port):
        sys.exit(f"端口 {options.port} 已有别的程序在用，请先关掉它，或用 --port 换一个。")
    os.environ[PUBLIC_URL_VARIABLE] = options.public_url
    os.environ[FOLDER_VARIABLE] = options.folder
    os.environ[OPEN_VARIABLE] = "1" if options.open else ""
    sys.stdout.write(f"微信模拟器：http://{options.host}:{options.port}/  （不会发到真的微信）\n")
    sys.stdout.flush()
    Granian(
        "wechat.sandbox.server:served",
        factory=True,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,  # its warnings are about the number of threads, which is meant
    ).serve()


def _taken(host: str, port: int) -> bool:
    """Whether somebody listens there already.

    Granian would share the port with another sandbox, and each would know half of the phones.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m wechat.sandbox", description="WeChat's servers, simulated.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=5051)
    parser.add_argument("--public-url", default="", help="address of Wuyou itself, to which the phones talk")
    parser.add_argument(
        "--folder", default="", help="where merchants' keys are kept (default: made anew at each start)"
    )
    parser.add_argument("--open", action="store_true", help="let other machines use the phones")
    return parser.parse_args()


if __name__ == "__main__":
    main()
