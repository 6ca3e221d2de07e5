"""Every route with the permission it needs, as text: a new route or another permission must be written here on purpose."""

import re

import pytest

from app.api.blueprint import ApiBlueprint
from app.guards import allow
from models import Role
from services.areas import unplaced
from services.permission_names import PERMISSION_NAMES
from services.permissions import ROLE_NAMES, ROLE_PERMISSIONS, Permission
from tests.app.asking import ROLES, expect_refusal
from tests.world import hire, new_person

TABLE = """
POST /api/v1/assets/<id:asset_id>/change home:write
POST /api/v1/assets/<id:asset_id>/end home:write
GET /api/v1/audit/head (everybody)
GET /api/v1/buildings/<id:building_id>/cards home:invite
POST /api/v1/buildings/<id:building_id>/cards home:invite
GET /api/v1/buildings/<id:building_id>/homes home:list
POST /api/v1/buildings/<id:building_id>/homes home:write
GET /api/v1/buildings/<id:building_id>/leaders unit:list
GET /api/v1/care care:read
POST /api/v1/care care:manage
GET /api/v1/care-kinds care:read
POST /api/v1/care/<id:care_id>/close care:manage
POST /api/v1/care/<id:care_id>/knowers care:manage
POST /api/v1/care/<id:care_id>/knowers/<id:knower_id>/withdraw care:manage
POST /api/v1/care/<id:care_id>/look care:read
POST /api/v1/care/<id:care_id>/prolong care:manage
POST /api/v1/care/<id:care_id>/visits care:read
GET /api/v1/categories ticket:read
POST /api/v1/charges/<id:charge_id>/orders payment:pay
POST /api/v1/charges/<id:charge_id>/withdraw charge:make
POST /api/v1/chats/<id:chat_id>/unbind group:manage
POST /api/v1/codes/<id:code_id>/replace code:manage
POST /api/v1/codes/<id:code_id>/revoke code:manage
GET /api/v1/codes/<id:code_id>/sheet code:manage
POST /api/v1/codes/scan code:scan
POST /api/v1/committee-members/<id:member_id>/end member:appoint
POST /api/v1/committee-terms/<id:term_id>/end org:write
POST /api/v1/committee-terms/<id:term_id>/members member:appoint
POST /api/v1/console-requests/confirm me:write
POST /api/v1/console-requests/look me:write
POST /api/v1/console-requests/refuse me:write
POST /api/v1/council-seats/<id:seat_id>/end member:appoint
POST /api/v1/councils/<id:council_id>/close org:write
POST /api/v1/councils/<id:council_id>/seats member:appoint
POST /api/v1/duty-assignments/<id:assignment_id>/end org:write
GET /api/v1/grants me:read
POST /api/v1/grants me:write
POST /api/v1/groups/<id:group_id>/switch-off group:manage
POST /api/v1/groups/<id:group_id>/switch-on group:manage
GET /api/v1/handovers me:read
GET /api/v1/handovers/<id:handover_id> me:read
POST /api/v1/handovers/<id:handover_id>/items/<id:handover_item_id>/confirm me:write
POST /api/v1/handovers/<id:handover_id>/items/<id:handover_item_id>/tick me:write
POST /api/v1/handovers/<id:handover_id>/successor member:appoint
GET /api/v1/homes/<id:home_id> home:own
POST /api/v1/homes/<id:home_id>/aliases home:write
POST /api/v1/homes/<id:home_id>/aliases/<id:alias_id>/end home:write
POST /api/v1/homes/<id:home_id>/area home:write
POST /api/v1/homes/<id:home_id>/move home:write
GET /api/v1/homes/<id:home_id>/residency-events residency:review
GET /api/v1/homes/<id:home_id>/residents home:list
POST /api/v1/homes/<id:home_id>/residents residency:review
GET /api/v1/homes/<id:home_id>/rights home:list
PUT /api/v1/homes/<id:home_id>/rights residency:review
POST /api/v1/homes/<id:home_id>/status home:write
POST /api/v1/homes/<id:home_id>/use home:write
GET /api/v1/imports/<id:batch_id> import:write
POST /api/v1/imports/<id:batch_id>/apply import:write
POST /api/v1/imports/<id:batch_id>/columns import:write
POST /api/v1/imports/<id:batch_id>/discard import:write
GET /api/v1/imports/<id:batch_id>/problems import:write
GET /api/v1/imports/<id:batch_id>/rows import:write
POST /api/v1/imports/<id:batch_id>/undo import:write
GET /api/v1/inbox inbox:read
POST /api/v1/inbox/<id:item_id>/read inbox:read
POST /api/v1/inbox/read-all inbox:read
POST /api/v1/invitations home:invite
POST /api/v1/invitations/redeem invitation:redeem
POST /api/v1/keys/<id:case_key_id>/withdraw key:give
GET /api/v1/mandates/<id:mandate_id> mandate:give
POST /api/v1/mandates/<id:mandate_id>/accept mandate:give
POST /api/v1/mandates/<id:mandate_id>/decline mandate:give
POST /api/v1/mandates/<id:mandate_id>/end mandate:give
POST /api/v1/mandates/<id:mandate_id>/paper mandate:give
POST /api/v1/mandates/redeem mandate:give
POST /api/v1/mass-messages/<id:mass_message_id>/remind group:manage
GET /api/v1/me me:read
PATCH /api/v1/me me:write
POST /api/v1/me/acting mandate:act
GET /api/v1/me/care me:read
GET /api/v1/me/charges payment:pay
POST /api/v1/me/children me:write
POST /api/v1/me/children/declare me:write
POST /api/v1/me/children/forget me:write
GET /api/v1/me/consents me:read
POST /api/v1/me/consents me:write
POST /api/v1/me/consents/withdraw me:write
GET /api/v1/me/erasure-plan me:read
POST /api/v1/me/export me:write
POST /api/v1/me/group-entry me:write
POST /api/v1/me/hat me:write
GET /api/v1/me/homes home:own
POST /api/v1/me/homes/<id:home_id>/leave residency:ask
GET /api/v1/me/homes/<id:home_id>/residents residency:confirm
POST /api/v1/me/homes/<id:home_id>/voter residency:confirm
GET /api/v1/me/mandates mandate:act
POST /api/v1/me/mandates mandate:give
GET /api/v1/me/mandates/choices mandate:give
GET /api/v1/me/merges me:read
POST /api/v1/me/merges me:write
POST /api/v1/me/merges/<id:merge_id>/confirm me:write
POST /api/v1/me/merges/<id:merge_id>/undo me:write
POST /api/v1/me/merges/join me:write
GET /api/v1/me/payment-orders payment:pay
POST /api/v1/me/phone me:write
GET /api/v1/me/read-backs mandate:give
GET /api/v1/me/residencies residency:ask
POST /api/v1/me/residencies residency:ask
GET /api/v1/me/residencies/choices residency:ask
GET /api/v1/me/residencies/to-confirm residency:confirm
GET /api/v1/me/residencies/to-vouch residency:vouch
POST /api/v1/me/residents/<id:residency_id>/end residency:confirm
POST /api/v1/me/residents/<id:residency_id>/reconfirm residency:confirm
GET /api/v1/me/rights-requests me:read
POST /api/v1/me/rights-requests me:write
POST /api/v1/me/rights-requests/<id:rights_request_id>/withdraw me:write
DELETE /api/v1/me/sign-ins me:write
GET /api/v1/me/sign-ins me:read
DELETE /api/v1/me/sign-ins/<id:sign_in_id> me:write
GET /api/v1/me/views me:read
DELETE /api/v1/me/wechat me:write
POST /api/v1/memberships member:appoint
POST /api/v1/memberships/<id:membership_id>/end member:appoint
POST /api/v1/memberships/<id:membership_id>/extend member:appoint
GET /api/v1/neighborhoods/<id:neighborhood_id>/assets home:list
POST /api/v1/neighborhoods/<id:neighborhood_id>/assets home:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/board ticket:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/buildings unit:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/care care:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/charges payment:list
POST /api/v1/neighborhoods/<id:neighborhood_id>/charges charge:make
GET /api/v1/neighborhoods/<id:neighborhood_id>/chats group:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/chats group:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/codes code:manage
POST /api/v1/neighborhoods/<id:neighborhood_id>/codes code:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/codes/sheet code:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/committee-terms unit:list
POST /api/v1/neighborhoods/<id:neighborhood_id>/committee-terms org:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/council-types org:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/council-types org:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/domains org:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/domains org:write
PUT /api/v1/neighborhoods/<id:neighborhood_id>/domains/<id:domain_id> org:write
POST /api/v1/neighborhoods/<id:neighborhood_id>/domains/<id:domain_id>/people org:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/duty station:read
GET /api/v1/neighborhoods/<id:neighborhood_id>/exports export:write
POST /api/v1/neighborhoods/<id:neighborhood_id>/exports export:write
POST /api/v1/neighborhoods/<id:neighborhood_id>/exports/readable export:readable
GET /api/v1/neighborhoods/<id:neighborhood_id>/groups group:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/groups group:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/homes home:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/imports import:write
POST /api/v1/neighborhoods/<id:neighborhood_id>/imports import:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/mandates mandate:record
POST /api/v1/neighborhoods/<id:neighborhood_id>/mandates mandate:record
GET /api/v1/neighborhoods/<id:neighborhood_id>/mass-messages group:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/mass-messages group:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/payment-bills payment:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/payment-differences payment:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/payment-orders payment:list
POST /api/v1/neighborhoods/<id:neighborhood_id>/persons/search home:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/positions org:read
POST /api/v1/neighborhoods/<id:neighborhood_id>/positions org:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/read-backs mandate:record
GET /api/v1/neighborhoods/<id:neighborhood_id>/refunds payment:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/residency-requests residency:review
POST /api/v1/neighborhoods/<id:neighborhood_id>/spots code:manage
GET /api/v1/neighborhoods/<id:neighborhood_id>/stations unit:list
POST /api/v1/neighborhoods/<id:neighborhood_id>/stations org:write
PATCH /api/v1/neighborhoods/<id:neighborhood_id>/stations/<id:station_id> org:write
GET /api/v1/neighborhoods/<id:neighborhood_id>/call-backs ticket:triage
GET /api/v1/neighborhoods/<id:neighborhood_id>/call-backs/made ticket:triage
GET /api/v1/neighborhoods/<id:neighborhood_id>/holds ticket:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/missed-clocks ticket:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/tickets ticket:list
GET /api/v1/neighborhoods/<id:neighborhood_id>/workers ticket:assign
PUT /api/v1/neighborhoods/<id:neighborhood_id>/workers/<id:person_id> worker:manage
GET /api/v1/party-levels org:read
POST /api/v1/party-orgs party:write
POST /api/v1/party-orgs/<id:party_org_id>/close party:write
POST /api/v1/party-orgs/<id:party_org_id>/links party:write
DELETE /api/v1/party-orgs/<id:party_org_id>/links/<id:unit_id> party:write
POST /api/v1/party-orgs/<id:party_org_id>/move party:write
POST /api/v1/payment-differences/<id:difference_id>/settle payment:reconcile
GET /api/v1/payment-orders/<id:payment_order_id> payment:pay
POST /api/v1/payment-orders/<id:payment_order_id>/ask payment:pay
POST /api/v1/payment-orders/<id:payment_order_id>/cancel payment:pay
GET /api/v1/payment-orders/<id:payment_order_id>/history payment:list
POST /api/v1/payment-orders/<id:payment_order_id>/parameters payment:pay
POST /api/v1/payment-orders/<id:payment_order_id>/refunds refund:ask
GET /api/v1/person-merges person:merge
POST /api/v1/person-merges person:merge
POST /api/v1/person-merges/<id:merge_id>/decide person:merge
POST /api/v1/person-merges/<id:merge_id>/undo person:merge
POST /api/v1/persons/<id:person_id>/children consent:record
GET /api/v1/persons/<id:person_id>/consents consent:record
POST /api/v1/persons/<id:person_id>/consents consent:record
POST /api/v1/persons/<id:person_id>/consents/<id:consent_id>/paper consent:record
POST /api/v1/persons/<id:person_id>/consents/withdraw consent:record
POST /api/v1/persons/<id:person_id>/reveal person:reveal
POST /api/v1/persons/<id:person_id>/rights-requests desk:answer
POST /api/v1/photos photo:upload
GET /api/v1/photos/<token> photo:read
GET /api/v1/photos/<token>/signed (everybody)
PUT /api/v1/positions/<id:position_id> org:write
POST /api/v1/positions/<id:position_id>/retire org:write
GET /api/v1/privacy-notice (everybody)
GET /api/v1/read-backs/<id:read_back_id> mandate:give
POST /api/v1/read-backs/<id:read_back_id>/answer mandate:give
POST /api/v1/read-backs/<id:read_back_id>/contact mandate:record
POST /api/v1/read-backs/<id:read_back_id>/not-reached mandate:record
POST /api/v1/refunds/<id:refund_id>/approve refund:check
POST /api/v1/refunds/<id:refund_id>/refuse refund:check
POST /api/v1/residencies/<id:residency_id>/end residency:review
POST /api/v1/residencies/<id:residency_id>/reconfirm residency:review
PUT /api/v1/residencies/<id:residency_id>/share residency:review
GET /api/v1/residency-requests/<id:request_id> home:own
POST /api/v1/residency-requests/<id:request_id>/approve residency:review
POST /api/v1/residency-requests/<id:request_id>/confirm residency:confirm
POST /api/v1/residency-requests/<id:request_id>/decline residency:confirm
POST /api/v1/residency-requests/<id:request_id>/resubmit residency:ask
POST /api/v1/residency-requests/<id:request_id>/return residency:review
POST /api/v1/residency-requests/<id:request_id>/vouch residency:vouch
POST /api/v1/residency-requests/<id:request_id>/withdraw residency:ask
GET /api/v1/reveal-purposes person:reveal
GET /api/v1/reviews content:review
POST /api/v1/reviews/<id:check_id>/approve content:review
POST /api/v1/reviews/<id:check_id>/refuse content:review
GET /api/v1/rights-requests desk:answer
GET /api/v1/rights-requests/<id:rights_request_id> desk:answer
POST /api/v1/rights-requests/<id:rights_request_id>/answer desk:answer
GET /api/v1/rights-requests/<id:rights_request_id>/erasure-plan desk:answer
POST /api/v1/rights-requests/<id:rights_request_id>/export desk:answer
POST /api/v1/rights-requests/<id:rights_request_id>/take desk:answer
POST /api/v1/sign-in (everybody)
POST /api/v1/sign-in/refresh (everybody)
POST /api/v1/sign-out sign_in:end
POST /api/v1/spots/<id:spot_id>/close code:manage
POST /api/v1/stations/<id:station_id>/close org:write
POST /api/v1/tickets ticket:file
GET /api/v1/tickets/<id:ticket_id> ticket:read
GET /api/v1/tickets/<id:ticket_id>/truths ticket:read
POST /api/v1/tickets/<id:ticket_id>/accept ticket:work
POST /api/v1/tickets/<id:ticket_id>/arrive ticket:work
POST /api/v1/tickets/<id:ticket_id>/assign ticket:assign
POST /api/v1/tickets/<id:ticket_id>/call-back ticket:triage
POST /api/v1/tickets/<id:ticket_id>/cancel ticket:cancel
POST /api/v1/tickets/<id:ticket_id>/close ticket:close
POST /api/v1/tickets/<id:ticket_id>/confirm ticket:confirm
POST /api/v1/tickets/<id:ticket_id>/contact ticket:contact
POST /api/v1/tickets/<id:ticket_id>/finish ticket:work
GET /api/v1/tickets/<id:ticket_id>/keys key:give
POST /api/v1/tickets/<id:ticket_id>/keys key:give
POST /api/v1/tickets/<id:ticket_id>/link ticket:contact
POST /api/v1/tickets/<id:ticket_id>/make-safe ticket:work
POST /api/v1/tickets/<id:ticket_id>/notes ticket:note
POST /api/v1/tickets/<id:ticket_id>/pause ticket:work
POST /api/v1/tickets/<id:ticket_id>/rate ticket:confirm
POST /api/v1/tickets/<id:ticket_id>/redirect ticket:triage
POST /api/v1/tickets/<id:ticket_id>/reject ticket:triage
POST /api/v1/tickets/<id:ticket_id>/reopen ticket:confirm
POST /api/v1/tickets/<id:ticket_id>/resume ticket:work
POST /api/v1/tickets/<id:ticket_id>/start ticket:work
POST /api/v1/tickets/<id:ticket_id>/triage ticket:triage
POST /api/v1/tickets/<id:ticket_id>/urge ticket:confirm
POST /api/v1/tickets/<id:ticket_id>/accept-help ticket:assign
POST /api/v1/tickets/<id:ticket_id>/grab ticket:work
POST /api/v1/tickets/<id:ticket_id>/offer-help ticket:help
POST /api/v1/tickets/<id:ticket_id>/return ticket:work
POST /api/v1/tickets/<id:ticket_id>/rotate ticket:assign
POST /api/v1/tickets/<id:ticket_id>/take-over ticket:work
POST /api/v1/tickets/<id:ticket_id>/transfer ticket:work
POST /api/v1/tickets/<id:ticket_id>/turn-down ticket:work
GET /api/v1/tickets/<id:ticket_id>/help-offers ticket:assign
POST /api/v1/tickets/<id:ticket_id>/survey ticket:survey
GET /api/v1/tickets/<id:ticket_id>/responsibility ticket:read
POST /api/v1/tickets/<id:ticket_id>/quotes ticket:work
GET /api/v1/tickets/<id:ticket_id>/quotes ticket:read
POST /api/v1/tickets/<id:ticket_id>/withdraw-quote ticket:work
POST /api/v1/tickets/<id:ticket_id>/agree-quote quote:answer
POST /api/v1/tickets/<id:ticket_id>/decline-quote quote:answer
GET /api/v1/neighborhoods/<id:neighborhood_id>/price-list (everybody)
POST /api/v1/neighborhoods/<id:neighborhood_id>/price-list price:manage
POST /api/v1/price-list/<id:price_item_id>/end price:manage
GET /api/v1/tickets/asked ticket:work
GET /api/v1/tickets/assigned ticket:work
GET /api/v1/tickets/mine ticket:file
GET /api/v1/tickets/nearby ticket:file
POST /api/v1/tickets/preview ticket:file
GET /api/v1/tickets/pool ticket:work
POST /api/v1/tickets/recorded ticket:record
GET /api/v1/units org:read
POST /api/v1/units org:write
PATCH /api/v1/units/<id:unit_id> org:write
POST /api/v1/units/<id:unit_id>/close org:write
GET /api/v1/units/<id:unit_id>/conflicts member:appoint
GET /api/v1/units/<id:unit_id>/councils org:read
POST /api/v1/units/<id:unit_id>/councils org:write
GET /api/v1/units/<id:unit_id>/coverage org:read
GET /api/v1/units/<id:unit_id>/gaps org:read
GET /api/v1/units/<id:unit_id>/handovers member:appoint
GET /api/v1/units/<id:unit_id>/indices ticket:list
GET /api/v1/units/<id:unit_id>/indices/tickets ticket:list
GET /api/v1/units/<id:unit_id>/memberships org:read
POST /api/v1/units/<id:unit_id>/move org:write
GET /api/v1/units/<id:unit_id>/party-orgs org:read
GET /api/v1/units/<id:unit_id>/tree org:read
"""
ROUTES = [tuple(line.split(" ")) for line in TABLE.strip().splitlines()]
SHARES = 4
"""So many parts, so that both cores have work."""
GUARDED = [route for route in ROUTES if route[2] != "(everybody)"]

# Who may what, as the residents' meeting would read it.
EVERYBODY = {
    "code:scan", "home:own", "inbox:read", "invitation:redeem", "mandate:act", "mandate:give", "me:read", "me:write",
    "photo:read", "photo:upload", "sign_in:end", "ticket:note", "ticket:read", "unit:list",
}  # fmt: skip
READER = EVERYBODY | {"station:read", "org:read"}
OFFICE = READER | {"ticket:list", "home:list"}
CLERK = OFFICE | {
    "residency:review", "ticket:contact", "ticket:record", "ticket:triage", "ticket:assign", "home:invite", "home:write",
    "mandate:record", "ticket:survey",
    "content:review", "group:read", "code:manage",
}  # fmt: skip
OFFICER = OFFICE | {"org:write", "party:write", "member:appoint", "key:give"}
TREASURER = {"charge:make", "payment:list", "payment:reconcile", "refund:ask"}
MONEY_CHECKER = {"payment:list", "refund:check"}
CARER = {"care:read", "consent:record", "person:reveal"}
DESK = CARER | {"care:manage", "desk:answer", "person:merge"}
MAY = {
    Role.RESIDENT: EVERYBODY
    | {"payment:pay", "residency:ask", "residency:confirm", "residency:vouch"}
    | {"ticket:file", "ticket:cancel", "ticket:confirm", "ticket:help", "quote:answer"},
    Role.REPAIRER: EVERYBODY | {"station:read", "ticket:work", "ticket:contact", "ticket:help", "ticket:survey"},
    Role.BUILDING_LEADER: OFFICE | {"ticket:record"} | {"care:read"},
    Role.MEDIATOR: READER | {"care:read"},
    Role.TREASURER: READER | TREASURER,
    Role.COMMITTEE_MEMBER: READER | MONEY_CHECKER,
    Role.COUNCIL_MEMBER: READER,
    Role.STATION_CLERK: CLERK | CARER,
    Role.STATION_MANAGER: CLERK
    | {"group:manage", "ticket:close", "key:give", "import:write", "export:write", "worker:manage", "price:manage"}
    | DESK | TREASURER | MONEY_CHECKER,
    Role.GRID_LEADER: OFFICE
    | {"ticket:contact", "ticket:record", "ticket:triage", "home:invite", "mandate:record", "code:manage"} | CARER
    | {"residency:review", "residency:vouch"},
    Role.PARTY_OFFICER: READER | {"party:write"},
    Role.COMMUNITY_OFFICER: OFFICER
    | {"group:manage", "group:read", "import:write", "export:write", "export:readable", "code:manage"}
    | DESK | {"residency:review"},
    Role.SUBDISTRICT_OFFICER: OFFICER,
    Role.DISTRICT_OFFICER: OFFICER,
    Role.PROFESSIONAL: {
        "code:scan", "home:own", "inbox:read", "invitation:redeem", "me:read", "me:write", "photo:read", "photo:upload",
        "sign_in:end", "ticket:note", "ticket:read",
    },
}  # fmt: skip
# At which node of the small world the roles that nobody there has are held.
FURTHER = {
    Role.BUILDING_LEADER: "building",
    Role.MEDIATOR: "neighborhood",
    Role.TREASURER: "neighborhood",
    Role.COMMITTEE_MEMBER: "neighborhood",
    Role.COUNCIL_MEMBER: "neighborhood",
    Role.PARTY_OFFICER: "neighborhood",
}


NOBODYS = (
    "check_id",
    "assignment_id", "care_id", "case_key_id", "council_id", "domain_id", "handover_id", "handover_item_id",
    "knower_id", "member_id", "membership_id", "merge_id", "party_org_id", "position_id",
    "rights_request_id", "seat_id", "sign_in_id", "station_id", "term_id",
)  # fmt: skip


def address(rule, world, filed):
    """The rule with ids of rows that exist."""
    ids = {
        "ticket_id": filed.id,
        "neighborhood_id": world.place.neighborhood.id,
        "home_id": world.place.home.id,
        "item_id": 1,
        "mandate_id": 999_999_999,
        "read_back_id": 999_999_999,
        # Their own rows are made in the tests of isolation.
        "request_id": 999_999_999,
        "residency_id": 999_999_999,
        "unit_id": world.place.grid.id,
        "building_id": world.place.building.id,
        "person_id": world.resident.id,
        "group_id": 999_999_999,
        "chat_id": 999_999_999,
        "mass_message_id": 999_999_999,
        "batch_id": 999_999_999,  # that of another neighborhood looks the same: tests/app/test_isolation.py
        "alias_id": 999_999_999,
        "asset_id": 999_999_999,
        "consent_id": 999_999_999,
        "charge_id": 999_999_999,
        "difference_id": 999_999_999,
        "payment_order_id": 999_999_999,
        "refund_id": 999_999_999,
        "code_id": 999_999_999,
        "price_item_id": 999_999_999,
        "spot_id": 999_999_999,
        # Nobody has these: to be told so, one must have been let in.
        **dict.fromkeys(NOBODYS, 999_999_999),
    }
    rule = rule.replace("<token>", "no-such-photo")
    return re.sub(r"<id:(\w+)>", lambda found: str(ids[found.group(1)]), rule)


def ask(client, method, url, headers):
    body = {} if method == "GET" else {"json": {}}
    return client.open(url, method=method, headers=headers, **body)


def test_the_table_of_routes_is_the_one_written_here(app):
    lines = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint.split(".")[0] != "api-docs":
            access = app.view_functions[rule.endpoint].access
            needed = access.permission.value if access.permission else "(everybody)"
            lines += [f"{method} {rule.rule} {needed}" for method in rule.methods - {"HEAD", "OPTIONS"}]
    assert sorted(lines, key=lambda line: line.split(" ")[1::-1]) == sorted(
        TABLE.strip().splitlines(), key=lambda line: line.split(" ")[1::-1]
    )


def test_what_each_role_may_is_the_table_written_here():
    assert {role: {permission.value for permission in own} for role, own in ROLE_PERMISSIONS.items()} == MAY


def test_every_permission_and_role_has_a_name_that_people_read():
    assert set(PERMISSION_NAMES) == set(Permission)
    assert set(ROLE_NAMES) == set(Role)
    assert len(set(PERMISSION_NAMES.values())) == len(Permission)


def test_agents_are_told_of_each_permission_of_residents_whether_they_have_it():
    """A new permission of residents must be put into an area of mandates, or be for the person alone."""
    assert unplaced(ROLE_PERMISSIONS[Role.RESIDENT]) == frozenset()


def test_every_permission_is_asked_for_somewhere():
    assert {permission.value for permission in Permission} == {needed for *_, needed in GUARDED}


def everybody(world, filed):
    """Somebody for each role, each with no other one that could be named instead."""
    people = {role: getattr(world, name) for role, name in ROLES.items()}
    for role, node in FURTHER.items():
        people[role] = new_person(world.session, world.vault, "郭强")
        hire(world.session, people[role], getattr(world.place, node), role)
    for role in (Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER):
        people[role] = new_person(world.session, world.vault, "郭强")
        hire(world.session, people[role], world.community, role)
    people[Role.PROFESSIONAL] = new_person(world.session, world.vault, "郭强")
    world.key(people[Role.PROFESSIONAL], filed)
    return people


def test_each_role_is_told_which_role_would_be(client, world):
    """All routes in one world: who is refused changes nothing."""
    filed = world.file()
    people = everybody(world, filed)
    urls = {rule: address(rule, world, filed) for _, rule, _ in GUARDED}  # a request finds no transaction open
    headers = {role: world.headers(person, role) for role, person in people.items()}
    for method, rule, needed in GUARDED:
        able = [role.value for role in Role if needed in MAY[role]]
        for role in Role:
            if needed not in MAY[role]:
                response = ask(client, method, urls[rule], headers[role])
                assert expect_refusal(response, 403, "wrong_hat")["needed"] == able, (method, rule, role)


@pytest.mark.parametrize("share", range(SHARES))
def test_each_role_that_may_is_let_in(client, world, share):
    """All routes of a share in one world, which each request finds as it was."""
    filed = world.file()
    people = everybody(world, filed)
    urls = {rule: address(rule, world, filed) for _, rule, _ in GUARDED[share::SHARES]}
    headers = {role: world.headers(person, role) for role, person in people.items()}
    connection = world.session.get_bind()
    for method, rule, needed in GUARDED[share::SHARES]:
        for role in [role for role in Role if needed in MAY[role]]:
            savepoint = connection.begin_nested()
            try:
                response = ask(client, method, urls[rule], headers[role])
            finally:
                world.session.rollback()
                savepoint.rollback()
            problem = response.get_json(silent=True)
            assert response.status_code not in {401, 500}, (method, rule, role)
            own = response.status_code != 403 or problem["code"] in {"not_assignee", "not_reporter"}
            assert own, (method, rule, role, problem)


def test_without_a_token_nothing_is_told(client, world):
    filed = world.file()
    urls = {rule: address(rule, world, filed) for _, rule, _ in GUARDED}
    for method, rule, _ in GUARDED:
        response = ask(client, method, urls[rule], {})
        assert expect_refusal(response, 401, "not_signed_in"), (method, rule)
        assert response.headers["WWW-Authenticate"] == "Bearer", (method, rule)


def test_a_view_that_names_no_permission_is_refused_when_it_is_registered():
    blueprint = ApiBlueprint("forgetful", __name__)

    def view():
        return "everybody's secrets"

    with pytest.raises(RuntimeError, match="names no permission"):
        blueprint.get("/forgotten")(view)
    blueprint.get("/remembered")(allow(Permission.ME_READ)(view))
