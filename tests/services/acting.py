"""Every action of a ticket behind one call, and a way to put a ticket into any state at once."""

import datetime as dt
import io
from typing import Any

import sqlalchemy as sa
from PIL import Image

from models import (
    Base,
    CallbackResult,
    PauseReason,
    Satisfaction,
    StoredFile,
    Ticket,
    TicketHold,
    TicketPhoto,
    TicketState,
    TicketTruth,
    TruthKind,
    Urgency,
)
from services import files
from services.actors import Actor
from services.tickets import by_resident, by_station, by_worker, callbacks, clockwork, contact, holding, sweeping
from services.tickets.contact import Purpose
from services.tickets.filing import Filed
from tests.world import NOW, World

STATION = ("triage", "assign", "reject", "redirect", "close")
WORKER = ("accept", "arrive", "make_safe", "start", "pause", "resume", "finish")
RESIDENT = ("confirm", "reopen", "rate", "cancel", "urge")
SETTLED = ("closed", "rejected", "redirected", "cancelled")
WORDS = {
    "done_by_worker": "done",
    "confirmed": "fixed",
    "auto_confirmed": "silence",
    "rated": "rated",
    "reopened": "not_fixed",
}
AFTER_WORK = ("done_by_worker", "confirmed", "auto_confirmed", "rated", "closed")


def right_person(world: World, action: str) -> Actor:
    """Whose move it is."""
    if action in WORKER:
        return world.actor(world.repairer)
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
    actor = actor or right_person(world, action)
    told = {"actor": actor, "now": now, "ticket_id": filed.id}
    needs: dict[str, Any] = {
        "assign": lambda: {"assignee_id": world.repairer.id},
        "reject": lambda: {"note": "不归我们管"},
        "redirect": lambda: {"to": "12345"},
        "make_safe": lambda: {"photos": [photo_of(world, actor)]},
        "pause": lambda: {"reason": PauseReason.PARTS},
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
    function = {"call_back": callbacks.call_back, "note": by_resident.add_note, "reveal_contact": contact.reveal}.get(
        action
    ) or getattr(module, action)
    given = {**told, **needs.get(action, dict)(), **more}
    done = function(world.session, **given)
    world.session.flush()
    return done


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
