"""Every action of a ticket behind one call, and a way to put a ticket into any state at once."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from PIL import Image

from models import (
    Base,
    CallbackResult,
    HelpOffer,
    PauseReason,
    Person,
    QuoteAnswer,
    ResponsibleParty,
    ReturnReason,
    Satisfaction,
    StoredFile,
    Ticket,
    TicketHold,
    TicketPhoto,
    TicketQuote,
    TicketState,
    TicketTruth,
    TransferReason,
    TruthKind,
    Urgency,
    WorkerSkill,
)
from services import files
from services.actors import Actor
from services.tickets import (
    by_resident,
    by_station,
    by_worker,
    callbacks,
    clockwork,
    contact,
    helping,
    holding,
    passing,
    quotes,
    skills,
    surveying,
    sweeping,
)
from services.tickets.contact import Purpose
from services.tickets.filing import Filed
from services.tickets.quotes import Line
from tests.world import NOW, World

STATION = ("triage", "assign", "rotate", "accept_help", "reject", "redirect", "close")
WORKER = (
    "accept",
    "arrive",
    "make_safe",
    "start",
    "pause",
    "resume",
    "finish",
    "transfer",
    "return",
    "quote",
    "withdraw_quote",
)
FROM_THE_POOL = ("grab", "take_over", "turn_down")
RESIDENT = ("confirm", "reopen", "rate", "cancel", "urge", "agree_quote", "decline_quote")
PAID = ("quote", "withdraw_quote", "agree_quote", "decline_quote")
"""Only about what is inside a home."""
SETTLED = ("closed", "rejected", "redirected", "cancelled")
WORDS = {
    "done_by_worker": "done",
    "confirmed": "fixed",
    "auto_confirmed": "silence",
    "rated": "rated",
    "reopened": "not_fixed",
}
AFTER_WORK = ("done_by_worker", "confirmed", "auto_confirmed", "rated", "closed")


def right_person(world: World, action: str, filed: Filed) -> Actor:
    """Whose move it is."""
    if action in {*WORKER, "survey"}:
        return world.actor(worker_of(world, filed))
    if action in {"take_over", "turn_down"}:
        return world.actor(colleague_of(world, filed))
    if action == "grab":
        return world.actor(world.repairer)
    if action == "offer_help":
        return world.actor(world.neighbor)
    if action in RESIDENT or action == "note":
        return world.actor(world.resident)
    return world.actor(world.manager)


def photo(world: World, owner: Any) -> str:
    """A photo that somebody uploaded and did not use yet."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    token = files.register(
        world.session,
        actor=world.actor(owner),
        photo=files.clean(picture.getvalue()),
        storage_key=files.new_storage_key(NOW),
        now=NOW,
    ).token
    return str(token)


def do(
    world: World, action: str, filed: Filed, *, actor: Actor | None = None, now: dt.datetime = NOW, **more: Any
) -> Any:
    """Let the right person (or the given one) do something to a ticket, with what the action needs."""
    actor = actor or right_person(world, action, filed)
    told = {"actor": actor, "now": now, "ticket_id": filed.id}
    needs: dict[str, Any] = {
        "assign": lambda: {"assignee_id": world.repairer.id},
        "reject": lambda: {"note": "不归我们管"},
        "redirect": lambda: {"to": "12345"},
        "make_safe": lambda: {"photos": [photo_of(world, actor)]},
        "pause": lambda: {"reason": PauseReason.PARTS},
        "transfer": lambda: {"to_id": colleague_of(world, filed).id, "reason": TransferReason.SHIFT_ENDS},
        "return": lambda: {"reason": ReturnReason.OTHER_SKILL},
        "survey": lambda: {"party": ResponsibleParty.OWNER, "words": "阀门在户内", "reason": "又看了一遍"},
        "quote": lambda: {"lines": [FAUCET], "valid_days": 7},
        "withdraw_quote": lambda: {"quote_id": quoted(world, filed), "note": "不用换了"},
        "agree_quote": lambda: {"quote_id": quoted(world, filed)},
        "decline_quote": lambda: {"quote_id": quoted(world, filed)},
        "accept_help": lambda: {"offer_id": offered(world, filed, world.repairer)},
        "reopen": lambda: {"note": "灯还是不亮"},
        "rate": lambda: {"satisfaction": Satisfaction.SATISFIED},
        "call_back": lambda: {"result": CallbackResult.FIXED},
        "note": lambda: {"text": "请带梯子"},
        "reveal_contact": lambda: {"purpose": Purpose.BEFORE_VISIT, "vault": world.vault},
    }
    module = by_station if action in STATION else by_worker if action in WORKER else by_resident
    if action == "call_back":
        want_a_call(world, filed)
    if action == "urge":
        world.ticket(filed).next_due_at = now - dt.timedelta(hours=1)
    if action in {"take_over", "turn_down"}:
        ask_colleague(world, filed)
    if action in {"grab", "rotate"} and world.session.scalar(sa.select(WorkerSkill.id).limit(1)) is None:
        for worker in (world.repairer, world.other_repairer):
            can(world, worker)
    function = OTHERS.get(action) or getattr(module, action)
    given = {**told, **needs.get(action, dict)(), **more}
    done = function(world.session, **given)
    world.session.flush()
    return done


def worker_of(world: World, filed: Filed) -> Person:
    """Who has the ticket; whoever would usually get it, if nobody has."""
    other = world.ticket(filed).assignee_id == world.other_repairer.id
    return world.other_repairer if other else world.repairer


def colleague_of(world: World, filed: Filed) -> Person:
    """The other one of the two."""
    return world.repairer if worker_of(world, filed) is world.other_repairer else world.other_repairer


OTHERS: dict[str, Callable[..., Any]] = {
    "call_back": callbacks.call_back,
    "note": by_resident.add_note,
    "reveal_contact": contact.reveal,
    "grab": passing.grab,
    "transfer": passing.transfer,
    "take_over": passing.take_over,
    "turn_down": passing.turn_down,
    "return": passing.give_back,
    "offer_help": helping.offer_help,
    "accept_help": helping.accept_help,
    "survey": surveying.survey,
    "quote": quotes.quote,
    "withdraw_quote": quotes.withdraw_quote,
    "agree_quote": quotes.agree,
    "decline_quote": quotes.decline,
}
FAUCET = Line(quantity_centi=100, name="换水龙头", unit="个", price_fen=8_500, reason="价目表里没有这一种")


def quoted(world: World, filed: Filed) -> int:
    """A quote that waits for the resident's word; made by the worker if there is none."""
    session = world.session
    answered = sa.exists().where(QuoteAnswer.quote_id == TicketQuote.id)
    known = session.scalar(
        sa.select(TicketQuote.id).where(
            TicketQuote.ticket_id == filed.id, TicketQuote.withdrawn_at.is_(None), ~answered
        )
    )
    if known is not None:
        return int(known)
    made = TicketQuote(
        neighborhood_id=world.place.neighborhood.id,
        ticket_id=filed.id,
        round=0,
        made_by_id=world.repairer.id,
        made_at=NOW,
        valid_until=NOW + dt.timedelta(days=7),
        sum_fen=8_500,
    )
    session.add(made)
    session.flush()
    return int(made.id)


def can(world: World, person: Person, *categories: str, most: int | None = None) -> None:
    """Have the station say what a worker can mend: what the usual report is about, unless told otherwise."""
    skills.set_work(
        world.session,
        actor=world.actor(world.manager),
        now=NOW,
        neighborhood_id=world.place.neighborhood.id,
        person_id=person.id,
        categories=categories or ("elec", "noise"),
        most=most,
    )
    world.session.flush()


def ask_colleague(world: World, filed: Filed) -> None:
    """Have the assigned worker ask the other one to take it over, if the state allows that."""
    ticket = world.ticket(filed)
    if ticket.state.value in {"assigned", "accepted", "on_site", "in_progress"}:
        ticket.transfer_to_id = colleague_of(world, filed).id
        world.session.flush()


def offered(world: World, filed: Filed, person: Person) -> int:
    """Somebody's offer of help that waits for an answer; made if there is none."""
    session = world.session
    known = session.scalar(
        sa.select(HelpOffer).filter_by(ticket_id=filed.id, person_id=person.id).where(HelpOffer.answered_at.is_(None))
    )
    if known is None:
        known = HelpOffer(
            neighborhood_id=world.place.neighborhood.id, ticket_id=filed.id, person_id=person.id, offered_at=NOW
        )
        session.add(known)
        session.flush()
    return known.id


def want_a_call(world: World, filed: Filed) -> None:
    """Have the lot fall on a ticket, if it did not."""
    ticket = world.ticket(filed)
    callbacks.ask_the_unhappy(world.session, ticket, now=NOW)
    world.session.flush()


def photo_of(world: World, actor: Actor) -> str:
    """A photo of whoever acts."""
    owner = next(person for person in vars(world).values() if getattr(person, "id", None) == actor.person_id)
    return photo(world, owner)


def speak(world: World, ticket: Ticket, kind: str) -> None:
    """Write down the word without which a ticket cannot be called done, confirmed, rated."""
    if kind in {"fixed", "not_fixed", "rated"}:
        who = {"said_by_id": ticket.reporter_id, "spoken_by_id": ticket.reporter_id, "role": "resident"}
    elif kind == "done":
        ticket.assignee_id = world.repairer.id
        world.session.flush()
        who = dict.fromkeys(("said_by_id", "spoken_by_id", "worker_id"), world.repairer.id) | {"role": "repairer"}
    else:
        who = {}
    satisfaction = {"satisfaction": Satisfaction.SATISFIED} if kind == "rated" else {}
    world.session.add(
        TicketTruth(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            kind=TruthKind(kind),
            at=NOW,
            **who,
            **satisfaction,
        )
    )
    world.session.flush()


def put_into(world: World, filed: Filed, state: str, **columns: Any) -> Ticket:
    """Write a ticket's state as if it had come there, assigned to the repairer."""
    values: dict[str, Any] = {"state": TicketState(state), "assignee_id": world.repairer.id, "answered_at": NOW}
    if state == "paused":
        values |= {"paused_from": TicketState.IN_PROGRESS, "paused_at": NOW, "pause_reason": PauseReason.PARTS}
    if state in AFTER_WORK:
        values |= {"done_at": NOW, "done_by_id": world.repairer.id}
    if state in SETTLED:
        values |= {"settled_at": NOW}
    ticket = world.ticket(filed)
    if state == "paused":
        began = NOW - dt.timedelta(days=15)
        about = {"neighborhood_id": ticket.neighborhood_id, "ticket_id": ticket.id, "round": ticket.reopen_count}
        world.session.add(TicketHold(**about, reason=PauseReason.PARTS, began_at=began, until_at=NOW))
    if state == "reopened":
        values["reopen_count"] = 1
    if state in WORDS:
        ticket.reporter_id = columns.get("reporter_id", ticket.reporter_id)
        world.session.flush()
        speak(world, ticket, WORDS[state])
    for name, value in (values | columns).items():
        setattr(ticket, name, value)
    ticket.next_due_at = columns.get("next_due_at", clockwork.next_due(ticket))
    world.session.flush()
    return ticket


def tick(world: World, action: str, *, now: dt.datetime) -> int:
    """Let the clock do what it does."""
    sweeps = {
        "remind": sweeping.remind,
        "overdue": sweeping.mark_overdue,
        "hold_end": holding.run_out,
        "auto_confirm": sweeping.auto_confirm,
        "file_away": sweeping.file_away,
    }
    count = sweeps[action](world.session, now=now)
    world.session.flush()
    return count


def emergency(world: World, **where: Any) -> Filed:
    """A burst drain: P1 by its category."""
    filed = world.file(category="drain", text="下水道往外冒水", **where)
    assert filed.urgency is Urgency.P1
    return filed


def photo_phases(world: World, filed: Filed) -> list[str]:
    """What kinds of photos hang on a ticket, in order."""
    rows = world.session.scalars(
        sa.select(TicketPhoto.phase)
        .join(StoredFile, StoredFile.id == TicketPhoto.file_id)
        .where(TicketPhoto.ticket_id == filed.id)
        .order_by(TicketPhoto.id)
    )
    return [phase.value for phase in rows]


def count_rows(session: Any) -> dict[str, int]:
    """How many rows each table has."""
    tables = Base.metadata.sorted_tables
    query = sa.union_all(*(sa.select(sa.literal(table.name), sa.func.count()).select_from(table) for table in tables))
    return dict(session.connection().execute(query).all())
