"""The call list: telling people without a phone of their own, by a call, what others did for them."""

from typing import Any

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.mandates import ReadBackAnswerBody
from app.settings import vault
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from services.mandates import calls, lists
from services.mandates.calls import WhomToCall
from services.permissions import Permission

LIST = "console_calls.listed"
ONE = "console_calls.one"
blp = ConsoleBlueprint("calls", __name__, entries=(Entry("要打的电话", LIST, Permission.MANDATE_RECORD),))


@blp.get("/calls")
@allow(Permission.MANDATE_RECORD)
def listed() -> str:
    """Show whom to call."""
    found = lists.calls(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=asked.neighborhood(),
        waiting=True,
        page=asked.further_page(),
    )
    return pages.page("calls.html", found=found)


@blp.get("/calls/<id:read_back_id>")
@allow(Permission.MANDATE_RECORD)
def one(read_back_id: int) -> str:
    """Show what to read out."""
    return _page(read_back_id, None)


@blp.post("/calls/<id:read_back_id>/contact")
@allow(Permission.MANDATE_RECORD)
def reveal(read_back_id: int) -> str:
    """Show whom to call; the person can read who looked."""
    whom = calls.whom_to_call(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault(), now=now())
    return _page(read_back_id, whom)


@blp.post("/calls/<id:read_back_id>/not-reached")
@allow(Permission.MANDATE_RECORD)
def not_reached(read_back_id: int) -> Any:
    """Note that nobody answered."""
    calls.not_reached(db.session(), actor=identity.actor(), read_back_id=read_back_id, now=now())
    return pages.go(LIST, "记下了，没打通。它还在名单里，请换个时间再打。")


@blp.post("/calls/<id:read_back_id>/answer")
@allow(Permission.MANDATE_RECORD)
@form(ReadBackAnswerBody, again=one)
def answer(body: dict[str, Any], read_back_id: int) -> Any:
    """Write down what was said."""
    calls.answer(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault(), now=now(), **body)
    return pages.go(LIST, "记下了。")


def _page(read_back_id: int, whom: WhomToCall | None) -> str:
    found = lists.one_read_back(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault())
    return pages.page("call.html", one=found, whom=whom)
