"""Everything the sandbox remembers, in one object that tests can make and look into."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from config import MessageTemplate
from config.settings import SANDBOX_APPID, SANDBOX_SECRET, SANDBOX_TEMPLATES
from wechat.sandbox.callbacks import Callbacks
from wechat.sandbox.catalogue import known
from wechat.sandbox.clock import SandboxClock
from wechat.sandbox.faults import Faults
from wechat.sandbox.groups import Groups
from wechat.sandbox.library import TemplateLibrary
from wechat.sandbox.phones import Phones
from wechat.sandbox.push import Pushes
from wechat.sandbox.safety import Safety
from wechat.sandbox.scan_codes import ScanCodes
from wechat.sandbox.tokens import TokenDesk


class World:
    """The simulated WeChat: its tokens, phones, groups, callbacks and troubles.

    ``clock`` gives true seconds since 1970.  ``world.clock`` is the time as the simulated WeChat sees it: it can be stepped
    forward and made to run faster.  Nothing outlives the process.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        templates: Mapping[str, MessageTemplate] = SANDBOX_TEMPLATES,
        appid: str = SANDBOX_APPID,
        secret: str = SANDBOX_SECRET,
    ) -> None:
        self.clock = clock = SandboxClock(clock)
        self.callbacks = Callbacks(clock)
        self.templates = known(templates)
        self.tokens = TokenDesk(appid, secret, clock)
        self.phones = Phones(self.templates, clock)
        self.groups = Groups(clock)
        self.appid = appid
        self.pushes = Pushes(self.callbacks, appid)
        self.safety = Safety(self.phones, self.pushes, appid)
        self.library = TemplateLibrary(self.templates)
        self.codes = ScanCodes(clock, appid)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self._counting = threading.Lock()

    def enter(self, endpoint: str) -> None:
        """Count a call to one of the ``ENDPOINTS`` and let a fault happen that was ordered for it."""
        with self._counting:
            self.calls[endpoint] += 1
        self.faults.strike(endpoint)

    def reset(self) -> None:
        """Start anew: no phones, no groups, no tokens, no callbacks, no faults; the true time."""
        self.clock.reset()
        self.callbacks.reset()
        self.tokens.reset()
        self.phones.reset()
        self.groups.reset()
        self.pushes.reset()
        self.safety.reset()
        self.library.reset()
        self.codes.reset()
        self.faults.clear()
        self.calls.clear()
