"""Simulated phones: what a person's hand does in a trial.  They know only addresses: the sandbox's and our API's.

The only place in ``app`` that makes HTTP calls; the demonstration and the story stand on it.
"""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

TIMEOUT = 20


class Unexpected(Exception):
    """An answer was not what the story expects; the text says what came instead."""


@dataclass
class Sandbox:
    """WeChat's simulated side."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Use the sandbox's control API."""
        answer = self.http.request(method, f"{self.url}/sandbox/{path}", json=body, timeout=TIMEOUT)
        if not answer.ok:
            raise Unexpected(f"模拟微信没有照做（{method} {path}）：{answer.status_code} {answer.text[:200]}")
        return dict(answer.json())

    def wait(self, seconds: float) -> None:
        """Wait until the sandbox answers."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.call("GET", "phones")
            except requests.ConnectionError as error:
                if time.monotonic() > until:
                    raise Unexpected(f"模拟微信没有开着（{self.url}）。请先运行 make run，再试一次。") from error
                time.sleep(0.2)
            else:
                return

    def add_phone(self, slug: str, name: str) -> str:
        """Put a phone on the table; return its openid."""
        return str(self.call("PUT", f"phones/{slug}", {"name": name})["openid"])

    def add_group(self, slug: str, name: str) -> str:
        """Make a group with a robot; return the robot's key."""
        return str(self.call("PUT", f"groups/{slug}", {"name": name})["robot_key"])

    def merchant(self, mchid: str) -> dict[str, Any]:
        """Return what a merchant downloaded in WeChat's console: keys, certificate, numbers."""
        return self.call("GET", f"pay/merchants/{mchid}")

    def group_messages(self, slug: str) -> list[str]:
        """Return what a group heard, oldest first."""
        return [item["content"] for item in reversed(self.call("GET", f"groups/{slug}/messages")["items"])]


@dataclass
class Phone:
    """A phone in somebody's hand, with the mini-program open."""

    sandbox: Sandbox
    api_url: str
    slug: str
    name: str
    token: str = ""
    http: requests.Session = field(default_factory=requests.Session)

    def open_mini_program(self) -> dict[str, Any]:
        """``wx.login``, then our sign-in; return the tokens and the hat."""
        code = self.sandbox.call("POST", f"phones/{self.slug}/login-code")["code"]
        answer = self.post("sign-in", {"code": code})
        self.token = answer["access_token"]
        return answer

    def get(self, path: str) -> dict[str, Any]:
        """Read from the API."""
        return self._call("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Tap something: send a body, with a fresh key so that a repeat would be harmless."""
        return self._call(
            "POST", path, json=body or {}, headers={"Idempotency-Key": secrets.token_hex(8)} if self.token else {}
        )

    def upload(self, photo: bytes) -> str:
        """Send a photo; return its id."""
        return str(self._call("POST", "photos", files={"photo": ("photo.jpg", photo, "image/jpeg")})["id"])

    def allow_messages(self) -> int:
        """Answer "allow" to what the mini-program asks for at this tap; return how many kinds that were."""
        wanted = self.get("grants")["items"]
        for item in wanted:
            self.sandbox.call(
                "POST", f"phones/{self.slug}/grants", {"template_id": item["template_id"], "answer": "accept"}
            )
            self.post("grants", {"kind": item["kind"], "answer": "accept"})
        return len(wanted)

    def inbox(self) -> list[str]:
        """Return the texts in the inbox, oldest first."""
        return [f"{item['title']}：{item['body']}" for item in reversed(self.get("inbox?limit=100")["items"])]

    def wechat_messages(self) -> list[dict[str, str]]:
        """Return the values of the subscribe messages that arrived, oldest first."""
        items = self.sandbox.call("GET", f"phones/{self.slug}/messages")["items"]
        return [item["values"] for item in reversed(items)]

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        headers = {**options.pop("headers", {}), **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        answer = self.http.request(method, f"{self.api_url}/api/v1/{path}", headers=headers, timeout=TIMEOUT, **options)
        if not answer.ok:
            raise Unexpected(f"{self.name}的操作没有成功（{path}）：{answer.status_code} {answer.text[:300]}")
        return dict(answer.json()) if answer.content else {}
