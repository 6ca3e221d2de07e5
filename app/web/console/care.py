"""Key households: who may know sees an entry for a purpose; who manages the list sees numbers and dates."""

import datetime as dt
from typing import Any

from flask import request
from marshmallow import fields

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.base import BaseSchema, words
from app.schemas.care import CareBody, CloseCareBody, KnowerBody, LookBody, ProlongBody
from app.settings import vault
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from app.web.console.words import SHANGHAI
from services import access
from services.permissions import Permission
from services.privacy import care, care_knowers, care_lists, care_shared
from services.privacy.care import Case

LIST = "console_care.listed"
MANAGE = "console_care.manage"
blp = ConsoleBlueprint("care", __name__, entries=(Entry("关怀户", LIST, Permission.CARE_READ),))


class VisitForm(BaseSchema):
    """A visit, with the time as the clock on the wall shows it."""

    visited_at = fields.NaiveDateTime(required=True, format="%Y-%m-%dT%H:%M")
    purpose = words(100, least=2)
    words = words(500, required=False)


class NewCareForm(CareBody):
    """An entry for the person of the address."""

    class Meta:
        """What the address says."""

        exclude = ("person_id",)


@blp.get("/care")
@allow(Permission.CARE_READ)
def listed() -> str:
    """Show the entries of which one may know and, to who manages, all by number."""
    actor, numbers = identity.actor(), None
    page = asked.further_page()
    found = care_lists.mine(db.session(), actor=actor, now=now(), page=page)
    manages = actor.may(Permission.CARE_MANAGE)
    if manages and (request.args.get("neighborhood") or actor.hat.neighborhood_id):
        numbers = care_lists.numbers(
            db.session(), actor=actor, neighborhood_id=asked.neighborhood(), now=now(), page=page
        )
    return pages.page("care.html", found=found, numbers=numbers, manages=manages)


@blp.get("/care/<id:care_id>")
@allow(Permission.CARE_READ)
def ask(care_id: int) -> str:
    """Ask why somebody wants to look."""
    care_shared.known(db.session(), identity.actor(), care_id, now=now())
    return pages.page("care_entry.html", care_id=care_id, one=None)


@blp.post("/care/<id:care_id>")
@allow(Permission.CARE_READ)
@form(LookBody, again=ask)
def look(body: dict[str, Any], care_id: int) -> str:
    """Show an entry, on record and in this answer only."""
    found = care_lists.look(db.session(), actor=identity.actor(), entry_id=care_id, vault=vault(), now=now(), **body)
    return pages.page("care_entry.html", care_id=care_id, one=found, at=now().astimezone(SHANGHAI))


@blp.post("/care/<id:care_id>/visits")
@allow(Permission.CARE_READ)
@form(VisitForm, again=ask)
def visit(body: dict[str, Any], care_id: int) -> Any:
    """Write down that one was there."""
    care.visit(
        db.session(),
        actor=identity.actor(),
        entry_id=care_id,
        visited_at=body["visited_at"].replace(tzinfo=SHANGHAI).astimezone(dt.UTC),
        purpose=body["purpose"],
        words=body.get("words"),
        vault=vault(),
        now=now(),
    )
    return pages.go(LIST, "走访记下了，本人查得到。")


@blp.get("/care/<id:care_id>/manage")
@allow(Permission.CARE_MANAGE)
def manage(care_id: int) -> str:
    """Show dates and who could be named, and nothing of the case."""
    session, actor = db.session(), identity.actor()
    entry = care_shared.managed(session, actor, care_id)
    people = care_knowers.candidates(session, actor=actor, entry_id=care_id, now=now())
    choices = [("", "请选一个人"), *((one["person_id"], f"{one['name']}（{one['title']}）") for one in people)]
    knowers = care_knowers.naming(session, actor=actor, entry_id=care_id, now=now())
    return pages.page("care_manage.html", entry=entry, knowers=knowers, choices=choices)


@blp.post("/care/<id:care_id>/prolong")
@allow(Permission.CARE_MANAGE)
@form(ProlongBody, again=manage)
def prolong(body: dict[str, Any], care_id: int) -> Any:
    """Let it last longer."""
    care.prolong(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)
    return pages.go(LIST, "延长了。")


@blp.post("/care/<id:care_id>/close")
@allow(Permission.CARE_MANAGE)
@form(CloseCareBody, again=manage)
def close(body: dict[str, Any], care_id: int) -> Any:
    """End it."""
    care.close(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)
    return pages.go(LIST, "结束了，谁也看不到了。")


@blp.post("/care/<id:care_id>/knowers")
@allow(Permission.CARE_MANAGE)
@form(KnowerBody, again=manage)
def name_knower(body: dict[str, Any], care_id: int) -> Any:
    """Let one more person know; the household is told."""
    care_knowers.name_knower(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)
    return pages.go(LIST, "加上了，本人会收到消息。")


@blp.post("/care/<id:care_id>/knowers/<id:knower_id>/withdraw")
@allow(Permission.CARE_MANAGE)
def withdraw_knower(care_id: int, knower_id: int) -> Any:
    """Somebody need not know any longer."""
    care_knowers.withdraw_knower(db.session(), actor=identity.actor(), entry_id=care_id, knower_id=knower_id, now=now())
    return pages.go(MANAGE, "撤下了，他马上看不到了。", care_id=care_id)


@blp.get("/persons/<id:person_id>/care")
@allow(Permission.CARE_MANAGE)
def new(person_id: int) -> str:
    """Ask why and until when somebody is to be looked after."""
    session = db.session()
    person, _ = access.person_for(session, identity.actor(), person_id, now=now())
    kinds = [("", "请选一种"), *((kind.code, kind.name) for kind in care_lists.kinds(session))]
    return pages.page("care_new.html", person=person, home_id=request.args.get("home", ""), kinds=kinds)


@blp.post("/persons/<id:person_id>/care")
@allow(Permission.CARE_MANAGE)
@form(NewCareForm, again=new)
def open_entry(body: dict[str, Any], person_id: int) -> Any:
    """Look after somebody, with their consent, until a day."""
    case = Case(person_id=person_id, **body)
    care.open_entry(db.session(), actor=identity.actor(), case=case, vault=vault(), now=now())
    return pages.go(LIST, "登记好了。您能看；还要谁看，请点“管理”加上。")
