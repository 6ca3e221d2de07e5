"""What can go wrong with a callback, on order.

* ``lost``       never arrives, and is not tried again
* ``twice``      arrives again after it was taken
* ``late``       arrives so many seconds later
* ``reordered``  is overtaken by the next one of its kind
* ``forged``     this try has a wrong signature (the next one is right)
* ``old``        this try is signed ten minutes ago
* ``truncated``  this try breaks off in the middle
"""

import threading
from collections.abc import Container
from dataclasses import asdict, dataclass, replace
from typing import Any

from wechat.sandbox.refusal import Unknown

FAULTS = ("lost", "twice", "late", "reordered", "forged", "old", "truncated")
LATEST = 7 * 86_400.0  # seconds


@dataclass(frozen=True)
class CallbackFault:
    """One fault: its name, for ``late`` the seconds, and how many tries it still hits (None: until cleared)."""

    name: str
    seconds: float = 0.0
    times: int | None = 1


class CallbackFaults:
    """The faults in force, one at most for each kind of callback."""

    def __init__(self, kinds: Container[str]) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._faults: dict[str, CallbackFault] = {}

    def clear(self, kind: str | None = None) -> None:
        """Mend one kind of callback, or all."""
        with self._lock:
            if kind is None:
                self._faults.clear()
            else:
                self._faults.pop(self._known(kind), None)

    def put(self, kind: str, name: str, *, seconds: float = 60.0, times: int | None = 1) -> dict[str, Any]:
        """Put a fault on a kind of callback in place of the one before.  Raises ``Unknown``."""
        self._known(kind)
        if name not in FAULTS:
            raise Unknown(f"faults are {', '.join(FAULTS)}", 400)
        if times is not None and times < 1:
            raise Unknown("times is at least 1", 400)
        if not 0 <= seconds <= LATEST:
            raise Unknown(f"seconds are 0 to {LATEST:.0f}", 400)
        fault = CallbackFault(name, seconds if name == "late" else 0.0, times)
        with self._lock:
            self._faults[kind] = fault
        return asdict(fault)

    def listing(self) -> dict[str, dict[str, Any]]:
        """Return the faults in force by kind."""
        with self._lock:
            return {kind: asdict(fault) for kind, fault in self._faults.items()}

    def take(self, kind: str) -> CallbackFault | None:
        """Return the fault that hits this try, if any, and count it."""
        with self._lock:
            fault = self._faults.get(kind)
            if fault is None or fault.times is None:
                return fault
            if fault.times > 1:
                self._faults[kind] = replace(fault, times=fault.times - 1)
            else:
                del self._faults[kind]
            return fault

    def _known(self, kind: str) -> str:
        if kind not in self._kinds:
            raise Unknown("kinds of callbacks are push, pay and probe")
        return kind
