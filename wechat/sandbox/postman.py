"""The thread that makes the sandbox's callbacks while it is served; tests call ``world.callbacks.run_due()`` instead."""

import logging
import threading

from wechat.sandbox.world import World

LOOK = 0.1  # true seconds between looks
log = logging.getLogger(__name__)


def start_postman(world: World) -> threading.Event:
    """Start delivering; set the returned event to stop."""
    stop = threading.Event()

    def deliver() -> None:
        while not stop.wait(LOOK):
            try:
                world.callbacks.run_due()
            except Exception:
                log.exception("a callback could not be made")

    threading.Thread(target=deliver, name="postman", daemon=True).start()
    return stop
