"""``python -m wechat.sandbox``: runs the sandbox under granian, in one process, because its memory is its state."""

import argparse
import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from wechat.sandbox.server import PUBLIC_URL_VARIABLE

# Ordered delays sleep in their thread: 32 senders that each wait 50 ms must not wait for one another.
THREADS = 64


def main() -> None:
    """Read the options and serve until stopped."""
    options = _options()
    os.environ[PUBLIC_URL_VARIABLE] = options.public_url
    print(f"微信模拟器：http://{options.host}:{options.port}/  （不会发到真的微信）", flush=True)
    Granian(
        "wechat.sandbox.server:served",
        factory=True,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m wechat.sandbox", description="WeChat's servers, simulated.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=5051)
    parser.add_argument("--public-url", default="", help="address of Wuyou itself, linked from the page")
    return parser.parse_args()


if __name__ == "__main__":
    main()
