"""Acting for someone: giving, recording and ending mandates, and the monthly read-back."""

from typing import Any

from flask import Response

from app import attempts, identity, links
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.consents import PaperOut
from app.schemas.mandates import (
    CallsQuery,
    EndMandateBody,
    MadeMandateOut,
    MandateChoicesOut,
    MandateCodeBody,
    MandateDetailOut,
    MandatePage,
    MovedMandateOut,
    MyMandatesQuery,
    OfferMandateBody,
    ReadBackAnswerBody,
    ReadBackDetailOut,
    ReadBackPage,
    RecordMandateBody,
    StationMandatesQuery,
    WhomToCallOut,
)
from app.settings import vault
from app.transaction import reading, transaction
from models import ActingArea, Mandate
from services.areas import AREA_NAMES, RELATION_NAMES
from services.attempts import Limit
from services.mandates import calls, ending, giving, lists, recording, rules
from services.mandates.giving import Terms
from services.mandates.recording import Evidence
from services.org.persons import Who
from services.permissions import Permission

blp = ApiBlueprint("mandates", __name__, url_prefix="/api/v1", description="Acting for someone")

CODES = Limit("mandate.code", 30, "代办码输错的次数太多了，请过十分钟再试。记不准的话，请委托您的人重新发一个。")


@blp.get("/me/mandates")
@allow(Permission.MANDATE_ACT, own_transactions=True)
@blp.arguments(MyMandatesQuery, location="query")
@blp.response(200, MandatePage)
def mine(query: dict[str, Any]) -> Response:
    """For whom I may act (`side=agent`), or who may act for me (`side=principal`)."""
    with reading() as connection:
        page = lists.mine(connection, actor=identity.actor(), side=query["side"], page=page_request(query), now=now())
    return page_json(page)


@blp.get("/me/mandates/choices")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, MandateChoicesOut)
def choices() -> dict[str, Any]:
    """Whom I may choose, and the words I say yes to."""
    session = db.session()
    return {
        "people": giving.candidates(session, actor=identity.actor(), now=now()),
        "relations": [{"value": one.value, "name": name} for one, name in RELATION_NAMES.items()],
        "areas": [{"value": one.value, "name": name} for one, name in AREA_NAMES.items()],
        "texts": list(rules.texts(session, now()).values()),
    }


@blp.post("/me/mandates")
@allow(Permission.MANDATE_GIVE)
@blp.arguments(OfferMandateBody)
@blp.response(201, MadeMandateOut)
def offer(body: dict[str, Any]) -> dict[str, Any]:
    """Ask somebody to act for me: from the list, or (without `agent_id`) by a code that I tell them."""
    made = giving.offer(
        db.session(),
        actor=identity.actor(),
        terms=_terms(body),
        agent_id=body["agent_id"],
        neighborhood_id=body["neighborhood_id"],
        now=now(),
    )
    return _made(made.mandate, made.code)


@blp.post("/mandates/redeem")
@allow(Permission.MANDATE_GIVE, own_transactions=True)
@blp.arguments(MandateCodeBody)
@blp.response(200, MovedMandateOut)
def redeem(body: dict[str, Any]) -> dict[str, Any]:
    """Enter the code that somebody told me, and say yes to acting for them."""
    attempts.take(CODES, person_id=identity.actor().person_id)
    with transaction() as session:
        mandate = giving.redeem(session, actor=identity.actor(), code=body["code"], now=now())
        return {"id": mandate.id, "state": mandate.state}


@blp.get("/mandates/<id:mandate_id>")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, MandateDetailOut)
def one(mandate_id: int) -> dict[str, Any]:
    """A mandate of mine (or, for the station, of a resident) with its evidence and what was done by it."""
    return lists.one(db.session(), actor=identity.actor(), mandate_id=mandate_id, now=now())


@blp.post("/mandates/<id:mandate_id>/paper")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, PaperOut)
def open_paper(mandate_id: int) -> dict[str, str]:
    """See the photo of the signed paper of a mandate; the principal reads who looked."""
    token = recording.open_paper(db.session(), actor=identity.actor(), mandate_id=mandate_id, now=now())
    return {"photo": links.photo(token, now=now())}


@blp.post("/mandates/<id:mandate_id>/accept")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, MovedMandateOut)
def accept(mandate_id: int) -> Mandate:
    """Say yes to what somebody asked of me."""
    return giving.accept(db.session(), actor=identity.actor(), mandate_id=mandate_id, now=now())


@blp.post("/mandates/<id:mandate_id>/decline")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, MovedMandateOut)
def decline(mandate_id: int) -> Mandate:
    """Say no to what somebody asked of me."""
    return giving.decline(db.session(), actor=identity.actor(), mandate_id=mandate_id, now=now())


@blp.post("/mandates/<id:mandate_id>/end")
@allow(Permission.MANDATE_GIVE)
@blp.arguments(EndMandateBody)
@blp.response(200, MovedMandateOut)
def end(body: dict[str, Any], mandate_id: int) -> Mandate:
    """End it at once.  The station says with `asked_by` who called."""
    return ending.withdraw(
        db.session(), actor=identity.actor(), mandate_id=mandate_id, asked_by=body["asked_by"], now=now()
    )


@blp.get("/neighborhoods/<id:neighborhood_id>/mandates")
@allow(Permission.MANDATE_RECORD)
@blp.arguments(StationMandatesQuery, location="query")
@blp.response(200, MandatePage)
def of_neighborhood(query: dict[str, Any], neighborhood_id: int) -> dict[str, Any]:
    """Who acts for whom in a neighborhood."""
    page = lists.of_neighborhood(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        alive=query["alive"],
        page=page_request(query),
        now=now(),
    )
    return {"items": page.items, "next": page.next}


@blp.post("/neighborhoods/<id:neighborhood_id>/mandates")
@allow(Permission.MANDATE_RECORD)
@blp.arguments(RecordMandateBody)
@blp.response(201, MadeMandateOut)
def record(body: dict[str, Any], neighborhood_id: int) -> dict[str, Any]:
    """Write down a mandate that a resident gave by word before a witness, or on paper."""
    made = recording.record(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        principal_id=body["principal_id"],
        agent=Who(**body["agent"]),
        terms=_terms(body),
        evidence=Evidence(
            consent=body["consent"],
            text_id=body["text_id"],
            at=body["consented_at"],
            witness=Who(**body["witness"]) if body["witness"] else None,
            photo=body.get("photo"),
        ),
        vault=vault(),
        now=now(),
    )
    return _made(made.mandate, made.agent_code)


@blp.get("/neighborhoods/<id:neighborhood_id>/read-backs")
@allow(Permission.MANDATE_RECORD)
@blp.arguments(CallsQuery, location="query")
@blp.response(200, ReadBackPage)
def call_list(query: dict[str, Any], neighborhood_id: int) -> dict[str, Any]:
    """Whom to call about what was done for them; `waiting=false` shows also what was said."""
    page = lists.calls(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        waiting=query["waiting"],
        page=page_request(query),
    )
    return {"items": page.items, "next": page.next}


@blp.get("/me/read-backs")
@allow(Permission.MANDATE_GIVE, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ReadBackPage)
def my_read_backs(query: dict[str, Any]) -> Response:
    """What I was told of what others did for me."""
    with reading() as connection:
        page = lists.my_read_backs(connection, actor=identity.actor(), page=page_request(query))
    return page_json(page)


@blp.get("/read-backs/<id:read_back_id>")
@allow(Permission.MANDATE_GIVE)
@blp.response(200, ReadBackDetailOut)
def one_read_back(read_back_id: int) -> dict[str, Any]:
    """Everything that was done in a month, to be read out."""
    return lists.one_read_back(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault())


@blp.post("/read-backs/<id:read_back_id>/contact")
@allow(Permission.MANDATE_RECORD)
@blp.response(200, WhomToCallOut)
def whom_to_call(read_back_id: int) -> calls.WhomToCall:
    """Show whom to call.  The principal can read who looked."""
    return calls.whom_to_call(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault(), now=now())


@blp.post("/read-backs/<id:read_back_id>/not-reached")
@allow(Permission.MANDATE_RECORD)
@blp.response(204)
def not_reached(read_back_id: int) -> None:
    """Nobody answered; it stays on the list."""
    calls.not_reached(db.session(), actor=identity.actor(), read_back_id=read_back_id, now=now())


@blp.post("/read-backs/<id:read_back_id>/answer")
@allow(Permission.MANDATE_GIVE)
@blp.arguments(ReadBackAnswerBody)
@blp.response(204)
def answer(body: dict[str, Any], read_back_id: int) -> None:
    """What the principal says to it: on their own phone, or to whoever called."""
    calls.answer(db.session(), actor=identity.actor(), read_back_id=read_back_id, vault=vault(), now=now(), **body)


def _terms(body: dict[str, Any]) -> Terms:
    areas = {*body["areas"], *([ActingArea.VOTES] if body["votes"] else [])}
    return Terms(relation=body["relation"], areas=frozenset(areas), until=body["until"])


def _made(mandate: Mandate, code: str | None) -> dict[str, Any]:
    return {"id": mandate.id, "state": mandate.state, "code": code, "ends_at": mandate.ends_at}
