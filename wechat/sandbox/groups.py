"""The groups, each with its robot (企业微信文档：群机器人配置说明)."""

import base64
import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.sandbox import robot_posts
from wechat.sandbox.phones import KEPT, Json, check_slug, moment
from wechat.sandbox.refusal import Refusal, Unknown

PER_MINUTE = 20


def opengid(slug: str) -> str:
    """Return the id that a group has towards the mini-program."""
    digest = hashlib.sha256(f"wuyou-sandbox-group:{slug}".encode()).digest()
    return "tG" + base64.urlsafe_b64encode(digest).decode()[:26]


@dataclass
class Group:
    """One group chat and its robot."""

    slug: str
    name: str
    robot_key: str
    messages: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    received: int = 0
    minute: int = 0
    in_minute: int = 0

    def summary(self) -> Json:
        """Return what a list of groups shows."""
        return {"slug": self.slug, "name": self.name, "robot_key": self.robot_key, "received": self.received}


class Groups:
    """All groups.  Each method holds the lock for its whole, short work."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every group and message."""
        with self._lock:
            self._by_slug: dict[str, Group] = {}
            self._by_key: dict[str, Group] = {}

    def put(self, slug: str, name: str, robot_key: str | None = None) -> Json:
        """Make a group, or give it another name or robot; the key is ``sandbox-robot-<slug>`` unless given."""
        with self._lock:
            group = self._by_slug.get(check_slug(slug))
            key = robot_key or (group.robot_key if group else f"sandbox-robot-{slug}")
            holder = self._by_key.get(key)
            if holder is not None and holder is not group:
                raise Unknown(f"group {holder.slug!r} has this robot key", 409)
            if group is None:
                group = self._by_slug[slug] = Group(slug, name, key)
            self._by_key.pop(group.robot_key, None)
            group.name, group.robot_key = name, key
            self._by_key[key] = group
            return group.summary()

    def remove(self, slug: str) -> None:
        """Remove a group; its robot's key is unknown from then on."""
        with self._lock:
            group = self._group(slug)
            del self._by_slug[slug]
            del self._by_key[group.robot_key]

    def summaries(self) -> list[Json]:
        """Return all groups, oldest first."""
        with self._lock:
            return [group.summary() for group in self._by_slug.values()]

    def messages(self, slug: str) -> Json:
        """Return the last messages of a group, newest first, and how many it ever received."""
        with self._lock:
            group = self._group(slug)
            return {"items": list(reversed(group.messages)), "total": group.received}

    def deliver(self, key: str, message: Mapping[str, Any]) -> None:
        """Let the robot with this key speak."""
        with self._lock:
            group = self._by_key.get(key)
            if group is None:
                raise Refusal(93000, "invalid webhook url")
            post = robot_posts.read(message)
            self._count(group)
            group.received += 1
            group.messages.append({"at": moment(self._clock()), **post})

    def share(self, slug: str, title: str, who: str) -> Json:
        """Put a mini-program card into the chat, as a person's thumb does."""
        with self._lock:
            group = self._group(slug)
            card = {
                "at": moment(self._clock()),
                "msgtype": "share",
                "content": {"title": title, "who": who},
                "called": [],
            }
            group.messages.append(card)
            return card

    def opengid_of_shared(self, slug: str) -> str:
        """Return the group's id towards the mini-program.  Nobody can open it from a group without a card."""
        with self._lock:
            group = self._group(slug)
            if not any(message["msgtype"] == "share" for message in group.messages):
                raise Refusal(40097, "invalid args: not opened from a group")
            return opengid(slug)

    def slug_of(self, given: str) -> str | None:
        """Return the group that has this id towards the mini-program."""
        with self._lock:
            return next((slug for slug in self._by_slug if opengid(slug) == given), None)

    def receive(self, slug: str, text: str, who: str) -> None:
        """Put into the chat what a member of the company sent; a group that is gone misses it."""
        with self._lock:
            group = self._by_slug.get(slug)
            if group is not None:
                post = {"msgtype": "text", "content": f"{who}：{text}", "called": []}
                group.messages.append({"at": moment(self._clock()), **post})

    def _count(self, group: Group) -> None:
        minute = int(self._clock() // 60)
        if minute != group.minute:
            group.minute, group.in_minute = minute, 0
        if group.in_minute >= PER_MINUTE:
            raise Refusal(45009, "api freq out of limit")
        group.in_minute += 1

    def _group(self, slug: str) -> Group:
        group = self._by_slug.get(slug)
        if group is None:
            raise Unknown(f"no group {slug!r}")
        return group
