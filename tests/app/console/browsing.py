"""What a browser does at the console: carries cookies, fills forms, reads pages."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from models import Person, Role
from tests.world import World

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
CODE = re.compile(r'class="code">(\w{4}) (\w{4})<')


@dataclass
class Browser:
    """A browser with cookies of its own."""

    client: FlaskClient
    response: Any = field(default=None, init=False)

    def get(self, url: str, **headers: str) -> str:
        """Open a page."""
        self.response = self.client.get(url, headers={"User-Agent": EDGE, **headers})
        return self.text

    def post(self, url: str, csrf: str | None = None, headers: dict[str, str] | None = None, **fields: Any) -> str:
        """Send a form, with the token of the page that was opened last."""
        given = {"csrf": self.token if csrf is None else csrf, **fields}
        given = {name: value for name, value in given.items() if value is not None}
        self.response = self.client.post(url, data=given, headers={"User-Agent": EDGE, **(headers or {})})
        return self.text

    def follow(self) -> str:
        """Go where the last answer leads."""
        assert self.response.status_code == 303, self.text
        return self.get(self.response.headers["Location"])

    @property
    def text(self) -> str:
        return unescape(self.response.get_data(as_text=True))

    @property
    def status(self) -> int:
        code: int = self.response.status_code
        return code

    @property
    def token(self) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', self.text)
        return found.group(1) if found else ""

    def code(self) -> str:
        """The code that the sign-in page shows."""
        found = CODE.search(self.text)
        assert found, self.text
        return "".join(found.groups())

    def enter(self, world: World, person: Person, role: Role | None = None) -> None:
        """Sign in by scanning, from the first page to the last."""
        self.get("/console/sign-in")
        code, token = self.code(), self.token
        headers = world.headers(person, role)
        hat = world.actor(person, role).hat
        world.session.commit()
        look = self.client.post("/api/v1/console-requests/look", json={"code": code}, headers=headers)
        assert look.status_code == 200, look.get_json()
        body = {"code": code, "membership_id": hat.membership_id, "case_key_id": hat.case.key_id if hat.case else None}
        said = self.client.post("/api/v1/console-requests/confirm", json=body, headers=headers)
        assert said.status_code == 204, said.get_json()
        self.post("/console/sign-in/enter", csrf=token)
        self.follow()
        assert self.status == 200, self.text
