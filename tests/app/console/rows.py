"""A row of the first neighborhood for each parameter of the console's addresses, and forms that are in order."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from models import CareKnower, ReadBack, RightsKind
from services.mandates import read_back
from services.privacy import care, desk
from services.privacy.care import Case
from services.privacy.desk import Asking
from tests.app.test_isolation import signed, written
from tests.coding import code_of
from tests.importing import uploaded, workbook
from tests.proxies import acting, mandate, report_for, without_phone
from tests.services.residencies.claims import asked, newcomer
from tests.world import NOW, World

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)


def _read_back(world: World) -> int:
    report_for(world, acting(world, mandate(world, world.far_neighbor, principal=world.neighbor)))
    without_phone(world, world.neighbor)
    read_back.read_back(world.session, now=FIRST)
    return world.session.scalars(sa.select(ReadBack.id)).one()


def _care(world: World) -> int:
    """A key household that rests on the law: no consent is needed, so that no other row says who it is."""
    case = Case(world.resident.id, world.place.home.id, "soldier", "腿脚不便", dt.date(2027, 5, 1))
    entry = care.open_entry(world.session, actor=world.actor(world.manager), case=case, vault=world.vault, now=NOW)
    return entry.id


def _knower(world: World) -> int:
    """Who may know of the key household above."""
    return world.session.scalars(sa.select(CareKnower.id)).one()


def _rights_request(world: World) -> int:
    asking = Asking(RightsKind.CORRECT, "名字写错了一个字")
    made = desk.ask(world.session, actor=world.actor(world.resident), asking=asking, vault=world.vault, now=NOW)
    return made.id


ROWS: Mapping[str, Callable[[World], int]] = {
    "batch_id": lambda world: uploaded(world, workbook("1号楼,1单元,101,60,王桂兰,")).id,
    "care_id": _care,
    "consent_id": lambda world: signed(world).id,
    "group_id": lambda world: world.group().id,
    "code_id": lambda world: code_of(world).id,
    "home_id": lambda world: world.place.home.id,
    "knower_id": _knower,
    "mass_message_id": lambda world: written(world).id,
    "neighborhood_id": lambda world: world.place.neighborhood.id,
    "person_id": lambda world: world.resident.id,
    "read_back_id": _read_back,
    "rights_request_id": _rights_request,
    "request_id": lambda world: asked(world, newcomer(world), home=world.place.home).id,
    "ticket_id": lambda world: world.file().id,
}

FORMS: Mapping[str, Mapping[str, Any]] = {
    "console_calls.answer": {"answer": "agreed"},
    "console_care.close": {"why": "本人不要了"},
    "console_care.look": {"purpose": "上门看望"},
    "console_care.name_knower": {"person_id": "1", "why": "这栋楼归他管", "ends_on": "2027-04-01"},
    "console_care.open_entry": {"home_id": "1", "kind": "soldier", "reason": "腿脚不便", "expires_on": "2027-04-01"},
    "console_care.prolong": {"expires_on": "2027-05-01"},
    "console_care.visit": {"visited_at": "2026-11-23T09:00", "purpose": "上门看望"},
    "console_consents.record": {"text_id": "2", "given": "true", "how": "paper", "paper_place": "蓝本子"},
    "console_consents.withdraw": {"kind": "share"},
    "console_desk.answer": {"action": "refuse", "answer": "已经改过了。"},
    "console_desk.record": {"kind": "explain", "words": "为什么要我的电话", "how": "spoken"},
    "console_desk.to_print": {"purpose": "本人来要"},
    "console_mass.write": {"text": "周三上午停水。", "chat_ids": "1", "sender": "ZhangLi"},
    "console_groups.add": {"name": "另一个群", "address": "another-robot-key"},
    "console_groups.switch_off": {"reason": "换群了"},
    "console_homes.invite": {"kind": "owner"},
    "console_codes.add_spot": {"kind": "common", "name": "东大门"},
    "console_codes.replace": {"why": "lost"},
    "console_codes.revoke": {"why": "lost"},
    "console_homes.search": {"text": "王"},
    "console_residencies.approve": {"version": "1"},
    "console_residencies.give_back": {"version": "1", "words": "照片看不清"},
    "console_reveal.show": {"fields": "phone", "purpose": "before_visit"},
}
