"""Answers show masks: by the types of their fields, and by what really comes out."""

import re
from collections.abc import Iterator

import pytest
from marshmallow import Schema, fields

from app.schemas.base import BaseSchema
from app.schemas.personal import Clear, MaskedName, MaskedPhone
from models import RightsKind, Role, ToldHow
from services import identity_numbers, people
from services.people_merge import deciding
from services.privacy import desk
from services.privacy.desk import Asking
from tests.app.bodies import query_for
from tests.app.test_dump import ID_NUMBERS, readable, secrets_of
from tests.app.test_isolation import ROWS, described
from tests.app.test_routes import GUARDED, NOBODYS
from tests.importing import HEADING, checked
from tests.services.privacy.test_care import opened
from tests.world import NOW

PERSONAL = re.compile(
    r"(^|_)(name|names|phone|phones|mobile|tel|id_number|id_card|contact|caller|reporter|viewer|principal|agent|witness"
    r"|person|people|owner|assignee|known_as|by|knower|handler|applicant|plate|account)$"
)
"""Names of fields that may hold a person's name, phone or number."""

OF_VALUES = re.compile(
    r"(action|area|base_role|basis|consent|device|evidence|field|file|kind|level|month|post|relation|right|role|state|status"
    r"|type|unit|use)_names?$"
)
"""What a value, an office, a unit, a device or a file is called."""

OF_THINGS = {
    "BuildingOut": "a building",
    "CanOut": "something that can be done",
    "CareKindOut": "a kind of care",
    "CategoryOut": "a kind of trouble",
    "ChatOut": "a WeChat group",
    "ConsentOut": "a kind of consent",
    "ConsentTextOut": "a kind of consent",
    "CouncilOut": "a council",
    "CouncilTypeOut": "a type of councils",
    "DomainOut": "a domain of services",
    "ErasurePartOut": "a table",
    "EvidenceChoiceOut": "a kind of evidence",
    "GapOut": "a building or a domain without a person",
    "GroupOut": "a group with a robot",
    "ImportSheetOut": "a sheet of a workbook",
    "ImportUnknownBuildingOut": "a building, as the workbook writes it",
    "NamedChoiceOut": "a value to choose",
    "NeighborhoodCountsOut": "a neighborhood",
    "ParameterOut": "a value of a card, by WeChat's name",
    "PartyLevelOut": "a level of the party",
    "PartyOrgOut": "an organization of the party",
    "PlacedUnitOut": "a unit",
    "PriceOut": "a line of the price list",
    "QuoteLineOut": "a line of a quote",
    "PurposeOut": "a purpose",
    "ResidencyChoiceOut": "a kind of residency",
    "SectionOut": "a table",
    "ServiceOut": "a domain of services",
    "StationOut": "a station, whose phone hangs on its door",
    "TermOut": "a committee",
    "UnitOut": "a unit",
}
"""Whose ``name`` (and ``phone``) is not a person's, and whose it is."""

OF_CONFLICTS = {("ConflictOut", "first_name"), ("ConflictOut", "second_name")}
"""The two things that somebody is."""

CLEAR = {
    "RevealOut": "POST /persons/{id}/reveal",
    "ContactOut": "POST /tickets/{id}/contact",
    "WhomToCallOut": "POST /read-backs/{id}/contact",
}
"""Where data stand in full: these put the look on record (``services.revealing.write_down``)."""


def schemas(base: type[Schema] = BaseSchema) -> Iterator[type[Schema]]:
    """Every schema of an answer; those of requests are named Body, Query or Form."""
    for schema in base.__subclasses__():
        if not schema.__name__.endswith(("Body", "Query", "Form")) and schema.__module__.startswith("app.schemas"):
            yield schema
        yield from schemas(schema)


def kinds(field: fields.Field) -> type[fields.Field]:
    """What a field, or each entry of a list, is."""
    return type(field.inner) if isinstance(field, fields.List) else type(field)


def unmasked(schema: type[Schema]) -> Iterator[str]:
    """The fields of a schema that may be personal and are neither masked nor excepted."""
    for name, field in schema._declared_fields.items():
        if kinds(field) not in {fields.String, fields.Raw, fields.Dict} or not PERSONAL.search(name):
            continue
        of_thing = name in {"name", "phone"} and schema.__name__ in OF_THINGS
        if not (of_thing or OF_VALUES.search(name) or (schema.__name__, name) in OF_CONFLICTS):
            yield f"{schema.__name__}.{name}"


@pytest.mark.usefixtures("shared_app")
def test_every_field_that_may_be_personal_is_masked():
    found = set(schemas())
    assert len(found) > 100
    assert sorted(one for schema in found for one in unmasked(schema)) == []


def test_a_field_that_is_not_masked_is_found():
    class Forgetful(Schema):
        caller_phone = fields.String()
        names = fields.List(fields.String())
        masked = MaskedName()

    assert list(unmasked(Forgetful)) == ["Forgetful.caller_phone", "Forgetful.names"]


@pytest.mark.usefixtures("shared_app")
def test_no_exception_outlives_its_schema():
    names = {schema.__name__ for schema in schemas()}
    assert set(OF_THINGS) | set(CLEAR) | {schema for schema, _ in OF_CONFLICTS} <= names


@pytest.mark.usefixtures("shared_app")
def test_full_data_stand_only_where_the_look_is_put_on_record():
    found = {
        schema.__name__
        for schema in schemas()
        if any(issubclass(kinds(field), Clear) for field in schema._declared_fields.values())
    }
    assert found == set(CLEAR)


def test_who_forgets_to_mask_shows_stars():
    class Answer(Schema):
        name = MaskedName()
        phone = MaskedPhone()

    assert Answer().dump({"name": "王桂兰", "phone": "+8613800138000"}) == {"name": "王*兰", "phone": "138****8000"}
    masks = {"name": "王*兰", "phone": "138****8000"}
    assert Answer().dump(masks) == masks
    assert Answer().dump({"name": "未成年人", "phone": None}) == {"name": "未成年人", "phone": None}


@pytest.fixture
def town(world):
    """People in everything that a list can show, and how to make what an address names."""
    people.set_id_number(world.resident, identity_numbers.read(ID_NUMBERS[0], today=NOW.date()), world.vault)
    world.record(name="欧阳建国", phone="15412340077")
    world.bring_to("accepted", world.file())
    return {
        **ROWS,
        "batch_id": lambda world: (
            checked(
                world,
                f"{HEADING},身份证号\n1号楼,1单元,201,60,高玉梅,13841400011,{ID_NUMBERS[1]}".encode(),
                keep_id_numbers=True,
            ).id
        ),
        "care_id": lambda world: opened(world).id,
        "merge_id": lambda world: (
            deciding.propose(
                world.session, actor=world.actor(world.manager), from_person_id=world.neighbor.id,
                into_person_id=world.far_neighbor.id, evidence="赵永福本人到场", vault=world.vault, now=NOW,
            ).id
        ),
        "rights_request_id": lambda world: (
            desk.record(
                world.session, actor=world.actor(world.manager), person_id=world.neighbor.id,
                asking=Asking(RightsKind.CORRECT, "名字写错了一个字"),
                how=ToldHow.SPOKEN, asked_by_id=None, vault=world.vault, now=NOW,
            ).id
        ),
    }  # fmt: skip


STAFF = (
    ("manager", Role.STATION_MANAGER),
    ("repairer", Role.REPAIRER),
    ("grid_leader", Role.GRID_LEADER),
    ("community_officer", Role.COMMUNITY_OFFICER),
    ("neighbor", Role.RESIDENT),
)


def test_no_list_and_no_page_tells_a_name_or_a_phone_in_full(client, world, town):
    rules = [rule for method, rule, *_ in GUARDED if method == "GET"]
    wanted = {rule: re.findall(r"<(?:\w+:)?(\w+)>", rule) for rule in rules}
    wanted = {rule: ids for rule, ids in wanted.items() if not set(ids) & set(NOBODYS) - set(town)}
    made = {name: str(town[name](world)) for name in sorted({name for ids in wanted.values() for name in ids})}
    addresses = {rule: re.sub(r"<(?:\w+:)?(\w+)>", lambda found: made[found.group(1)], rule) for rule in wanted}
    world.session.commit()
    names, numbers = secrets_of(world)
    spec = described(client, {})
    told, seen = [], set()
    for who, role in STAFF:
        headers = world.headers(getattr(world, who), role)
        for rule, url in addresses.items():
            answer = client.get(url, headers=headers, query_string=query_for(spec, "GET", rule))
            if answer.status_code == 200:
                seen.add(rule)
            if found := readable(names | numbers, answer.get_data()):
                told.append((who, rule, found))
    assert told == []
    assert len(seen) > len(addresses) * 3 // 4, sorted(set(addresses) - seen)


def test_who_is_looked_for_by_the_full_phone_is_shown_masked(client, world):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/persons/search"
    phone = world.vault.open(world.resident.phone_sealed, "person.phone")
    answer = client.post(url, json={"text": phone}, headers=world.headers(world.manager))
    assert [one["name"] for one in answer.get_json()["items"]] == ["王*兰"]
    assert phone.removeprefix("+86") not in answer.get_data(as_text=True)
