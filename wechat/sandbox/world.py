"""Everything the sandbox remembers, in one object that tests can make and look into."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from config import MessageTemplate
from config.settings import SANDBOX_APPID, SANDBOX_CORP_SECRET, SANDBOX_CORPID, SANDBOX_SECRET, SANDBOX_TEMPLATES
from wechat.sandbox.callbacks import Callbacks
from wechat.sandbox.cards import Cards
from wechat.sandbox.catalogue import known
from wechat.sandbox.clock import SandboxClock
from wechat.sandbox.faults import Faults
from wechat.sandbox.groups import Groups
from wechat.sandbox.library import TemplateLibrary
from wechat.sandbox.pay import PayDesk
from wechat.sandbox.pay.keys import KeyChest, chest_in_memory
from wechat.sandbox.phones import Phones
from wechat.sandbox.push import Pushes
from wechat.sandbox.safety import Safety
from wechat.sandbox.scan_codes import ScanCodes
from wechat.sandbox.shipping import Shipping
from wechat.sandbox.tokens import TokenDesk
from wechat.sandbox.wecom import WeCom


class World:
    """The simulated WeChat: its tokens, phones, groups, payments, callbacks and troubles.

    ``clock`` gives true seconds since 1970.  ``world.clock`` is the time as the simulated WeChat sees it: it can be stepped
    forward and made to run faster.  ``true_time`` dates the signatures of WeChat Pay, whatever the time is made to be.
    Nothing outlives the process but the keys in a ``chest`` that has a folder.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        templates: Mapping[str, MessageTemplate] = SANDBOX_TEMPLATES,
        appid: str = SANDBOX_APPID,
        secret: str = SANDBOX_SECRET,
        chest: KeyChest | None = None,
        true_time: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock = SandboxClock(clock)
        self.callbacks = Callbacks(clock)
        self.templates = known(templates)
        self.tokens = TokenDesk(appid, secret, clock)
        self.phones = Phones(self.templates, clock)
        self.groups = Groups(clock)
        self.cards = Cards(clock)
        self.wecom = WeCom(self.groups, SANDBOX_CORPID, SANDBOX_CORP_SECRET, clock)
        self.appid = appid
        self.pushes = Pushes(self.callbacks, appid)
        self.safety = Safety(self.phones, self.pushes, appid)
        self.library = TemplateLibrary(self.templates)
        self.codes = ScanCodes(clock, appid)
        self.pay = PayDesk(
            self.phones,
            self.callbacks,
            appid=appid,
            chest=chest or chest_in_memory(),
            clock=clock,
            true_time=true_time,
        )
        self.shipping = Shipping(self.pay)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self._counting = threading.Lock()

    def enter(self, endpoint: str) -> Exception | None:
        """Count a call to an endpoint and let a fault happen that was ordered for it.

        What is returned is to be answered after the deed, in place of the true answer.
        """
        with self._counting:
            self.calls[endpoint] += 1
        return self.faults.strike(endpoint)

    def reset(self) -> None:
        """Start anew: no phones, groups, tokens, orders, callbacks, faults; the true time and the same keys."""
        self.clock.reset()
        self.callbacks.reset()
        self.tokens.reset()
        self.phones.reset()
        self.groups.reset()
        self.cards.reset()
        self.wecom.reset()
        self.pushes.reset()
        self.safety.reset()
        self.library.reset()
        self.codes.reset()
        self.pay.reset()
        self.shipping.reset()
        self.faults.clear()
        self.calls.clear()
