"""Ordinary WeChat groups: bound to a node by whoever opens the mini-program there, and counted when people come in."""

from typing import Any

from app import chats as entered
from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.chats import BindChatBody, ChatOut, ChatsOut, GroupEntryBody, GroupEntryOut, UnbindChatBody
from app.transaction import transaction
from services.groups import chats
from services.groups.chats import ChatState
from services.permissions import Permission

blp = ApiBlueprint("chats", __name__, url_prefix="/api/v1", description="WeChat groups")


@blp.post("/me/group-entry")
@allow(Permission.ME_WRITE, own_transactions=True)
@blp.arguments(GroupEntryBody)
@blp.response(200, GroupEntryOut)
def opened(body: dict[str, Any]) -> dict[str, Any]:
    """I opened the mini-program from a group.  The opening is counted; who it was is not kept."""
    opengid = entered.opengid(body, actor=identity.actor(), now=now())
    with transaction() as session:
        return {"unit_name": chats.opened(session, opengid=opengid, now=now())}


@blp.get("/neighborhoods/<id:neighborhood_id>/chats")
@allow(Permission.GROUP_READ)
@blp.response(200, ChatsOut)
def listed(neighborhood_id: int) -> dict[str, Any]:
    """The bound groups, and how often people came in from them."""
    actor = identity.actor()
    return {"items": chats.listing(db.session(), actor=actor, neighborhood_id=neighborhood_id, now=now())}


@blp.post("/neighborhoods/<id:neighborhood_id>/chats")
@allow(Permission.GROUP_MANAGE, own_transactions=True)
@blp.arguments(BindChatBody)
@blp.response(201, ChatOut)
def bind(body: dict[str, Any], neighborhood_id: int) -> ChatState:
    """Bind the group in which I have just opened the mini-program."""
    actor = identity.actor()
    where = {"neighborhood_id": neighborhood_id, "unit_id": body["unit_id"]}
    with transaction(read_only=True) as session:
        chats.node_for(session, actor=actor, **where)  # before WeChat is asked of somebody else's neighborhood
    opengid = entered.opengid(body, actor=actor, now=now())
    with transaction() as session:
        chat = chats.bind(session, actor=actor, opengid=opengid, name=body["name"], now=now(), **where)
        return chats.state_of(session, chat.id, now=now())


@blp.post("/chats/<id:chat_id>/unbind")
@allow(Permission.GROUP_MANAGE)
@blp.arguments(UnbindChatBody)
@blp.response(200, ChatOut)
def unbind(body: dict[str, Any], chat_id: int) -> ChatState:
    """End a binding, with the reason."""
    return chats.unbind(db.session(), actor=identity.actor(), chat_id=chat_id, now=now(), **body)
