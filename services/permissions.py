"""Who may do what, as data: permissions, the roles that carry them, and the Chinese names of roles.

A permission says *what*; *where* is the node at which the role is held (``services.access``).  A position (岗位) gives a
role a local title and some permissions more or fewer, never beyond the role's ceiling.
"""

import enum
from collections.abc import Iterable

from models import Role


class Permission(enum.StrEnum):
    """Named ``resource:action``."""

    CARE_MANAGE = "care:manage"
    CARE_READ = "care:read"
    CHARGE_MAKE = "charge:make"
    CODE_MANAGE = "code:manage"
    CODE_SCAN = "code:scan"
    CONSENT_RECORD = "consent:record"
    DESK_ANSWER = "desk:answer"
    EXPORT_READABLE = "export:readable"
    EXPORT_WRITE = "export:write"
    GROUP_MANAGE = "group:manage"
    GROUP_READ = "group:read"
    CONTENT_REVIEW = "content:review"
    HOME_INVITE = "home:invite"
    HOME_LIST = "home:list"
    HOME_OWN = "home:own"
    HOME_WRITE = "home:write"
    IMPORT_WRITE = "import:write"
    INBOX_READ = "inbox:read"
    INVITATION_REDEEM = "invitation:redeem"
    KEY_GIVE = "key:give"
    MANDATE_ACT = "mandate:act"
    MANDATE_GIVE = "mandate:give"
    MANDATE_RECORD = "mandate:record"
    ME_READ = "me:read"
    ME_WRITE = "me:write"
    MEMBER_APPOINT = "member:appoint"
    ORG_READ = "org:read"
    ORG_WRITE = "org:write"
    PARTY_WRITE = "party:write"
    PAYMENT_LIST = "payment:list"
    PAYMENT_PAY = "payment:pay"
    PAYMENT_RECONCILE = "payment:reconcile"
    PERSON_MERGE = "person:merge"
    PERSON_REVEAL = "person:reveal"
    PHOTO_READ = "photo:read"
    PHOTO_UPLOAD = "photo:upload"
    PRICE_MANAGE = "price:manage"
    QUOTE_ANSWER = "quote:answer"
    REFUND_ASK = "refund:ask"
    REFUND_CHECK = "refund:check"
    RESIDENCY_ASK = "residency:ask"
    RESIDENCY_CONFIRM = "residency:confirm"
    RESIDENCY_REVIEW = "residency:review"
    RESIDENCY_VOUCH = "residency:vouch"
    SIGN_OUT = "sign_in:end"
    STATION_READ = "station:read"
    TICKET_ASSIGN = "ticket:assign"
    TICKET_CANCEL = "ticket:cancel"
    TICKET_CLOSE = "ticket:close"
    TICKET_CONFIRM = "ticket:confirm"
    TICKET_CONTACT = "ticket:contact"
    TICKET_FILE = "ticket:file"
    TICKET_HELP = "ticket:help"
    TICKET_LIST = "ticket:list"
    TICKET_NOTE = "ticket:note"
    TICKET_READ = "ticket:read"
    TICKET_RECORD = "ticket:record"
    TICKET_SURVEY = "ticket:survey"
    TICKET_TRIAGE = "ticket:triage"
    TICKET_WORK = "ticket:work"
    UNIT_LIST = "unit:list"
    WORKER_MANAGE = "worker:manage"


P = Permission

_EVERYBODY = frozenset(
    {
        P.CODE_SCAN,
        P.HOME_OWN,
        P.INBOX_READ,
        P.INVITATION_REDEEM,
        P.MANDATE_ACT,
        P.MANDATE_GIVE,
        P.ME_READ,
        P.ME_WRITE,
        P.PHOTO_READ,
        P.PHOTO_UPLOAD,
        P.SIGN_OUT,
        P.TICKET_NOTE,
        P.TICKET_READ,
        P.UNIT_LIST,
    }
)
_RESIDENT = _EVERYBODY | {
    P.PAYMENT_PAY,
    P.RESIDENCY_ASK,
    P.RESIDENCY_CONFIRM,
    P.RESIDENCY_VOUCH,
    P.TICKET_FILE,
    P.TICKET_CANCEL,
    P.TICKET_CONFIRM,
    P.TICKET_HELP,
    P.QUOTE_ANSWER,
}
_READER = _EVERYBODY | {P.STATION_READ, P.ORG_READ}
_OFFICE = _READER | {P.TICKET_LIST, P.HOME_LIST}
_CLERK = _OFFICE | {
    P.RESIDENCY_REVIEW,
    P.TICKET_CONTACT,
    P.TICKET_RECORD,
    P.TICKET_TRIAGE,
    P.TICKET_SURVEY,
    P.TICKET_ASSIGN,
    P.HOME_INVITE,
    P.HOME_WRITE,
    P.MANDATE_RECORD,
    P.CONTENT_REVIEW,
    P.GROUP_READ,
    P.CODE_MANAGE,
}
_TREASURER = frozenset({P.CHARGE_MAKE, P.PAYMENT_LIST, P.PAYMENT_RECONCILE, P.REFUND_ASK})
_MONEY_CHECKER = frozenset({P.PAYMENT_LIST, P.REFUND_CHECK})
_CARER = frozenset({P.CARE_READ, P.CONSENT_RECORD, P.PERSON_REVEAL})
_DESK = _CARER | {P.CARE_MANAGE, P.DESK_ANSWER, P.PERSON_MERGE}
_OFFICER = _OFFICE | {P.ORG_WRITE, P.PARTY_WRITE, P.MEMBER_APPOINT, P.KEY_GIVE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: _RESIDENT,
    Role.REPAIRER: _EVERYBODY | {P.STATION_READ, P.TICKET_WORK, P.TICKET_CONTACT, P.TICKET_HELP, P.TICKET_SURVEY},
    Role.BUILDING_LEADER: _OFFICE | {P.TICKET_RECORD, P.CARE_READ},
    Role.MEDIATOR: _READER | {P.CARE_READ},
    Role.TREASURER: _READER | _TREASURER,
    Role.COMMITTEE_MEMBER: _READER | _MONEY_CHECKER,
    Role.COUNCIL_MEMBER: _READER,
    Role.STATION_CLERK: _CLERK | _CARER,
    Role.STATION_MANAGER: _CLERK
    | {P.GROUP_MANAGE, P.TICKET_CLOSE, P.KEY_GIVE, P.IMPORT_WRITE, P.EXPORT_WRITE, P.WORKER_MANAGE, P.PRICE_MANAGE}
    | _DESK
    | _TREASURER
    | _MONEY_CHECKER,
    Role.GRID_LEADER: _OFFICE
    | {P.TICKET_CONTACT, P.TICKET_RECORD, P.TICKET_TRIAGE, P.HOME_INVITE, P.MANDATE_RECORD, P.CODE_MANAGE}
    | _CARER
    | {P.RESIDENCY_REVIEW, P.RESIDENCY_VOUCH},
    Role.PARTY_OFFICER: _READER | {P.PARTY_WRITE},
    Role.COMMUNITY_OFFICER: _OFFICER
    | {P.IMPORT_WRITE, P.EXPORT_WRITE, P.EXPORT_READABLE, P.GROUP_MANAGE, P.GROUP_READ, P.CODE_MANAGE}
    | _DESK
    | {P.RESIDENCY_REVIEW},
    Role.SUBDISTRICT_OFFICER: _OFFICER,
    Role.DISTRICT_OFFICER: _OFFICER,
    Role.PROFESSIONAL: frozenset(
        {
            P.CODE_SCAN,
            P.HOME_OWN,
            P.INBOX_READ,
            P.INVITATION_REDEEM,
            P.ME_READ,
            P.ME_WRITE,
            P.PHOTO_READ,
            P.PHOTO_UPLOAD,
            P.SIGN_OUT,
            P.TICKET_NOTE,
            P.TICKET_READ,
        }
    ),
}

POSITION_KEEPS: frozenset[Permission] = _EVERYBODY
"""What no position can take away: everybody reads their own messages and changes hats."""

POSITION_MAY_ADD: dict[Role, frozenset[Permission]] = {
    Role.REPAIRER: frozenset({P.ORG_READ, P.TICKET_RECORD}),
    Role.BUILDING_LEADER: frozenset({P.TICKET_CONTACT, P.TICKET_TRIAGE, P.HOME_INVITE, P.MANDATE_RECORD}),
    Role.MEDIATOR: frozenset({P.TICKET_LIST, P.TICKET_RECORD, P.HOME_LIST}),
    Role.COMMITTEE_MEMBER: frozenset({P.TICKET_LIST}),
    Role.COUNCIL_MEMBER: frozenset({P.TICKET_LIST}),
    Role.STATION_CLERK: frozenset({P.TICKET_CLOSE}),
    Role.STATION_MANAGER: frozenset({P.MEMBER_APPOINT, P.EXPORT_READABLE}),
    Role.GRID_LEADER: frozenset({P.TICKET_ASSIGN, P.HOME_WRITE}),
    Role.PARTY_OFFICER: frozenset({P.TICKET_LIST}),
    Role.COMMUNITY_OFFICER: frozenset(
        {
            P.TICKET_CONTACT,
            P.TICKET_RECORD,
            P.TICKET_TRIAGE,
            P.TICKET_ASSIGN,
            P.HOME_INVITE,
            P.HOME_WRITE,
            P.MANDATE_RECORD,
        }
    ),
    Role.SUBDISTRICT_OFFICER: frozenset({P.TICKET_CONTACT}),
    Role.DISTRICT_OFFICER: frozenset({P.TICKET_CONTACT}),
}
"""What a position may add to its base role; nothing where a role is not named.  The ceiling of a role is both together."""

KEY_CEILING: frozenset[Permission] = frozenset({P.TICKET_READ, P.TICKET_NOTE, P.PHOTO_READ, P.PHOTO_UPLOAD})
"""What a key to one case can open at most."""
KEY_BASICS: frozenset[Permission] = ROLE_PERMISSIONS[Role.PROFESSIONAL] - KEY_CEILING
"""What comes with every key: oneself, and one's messages."""

ROLE_NAMES: dict[Role, str] = {
    Role.RESIDENT: "居民",
    Role.REPAIRER: "维修师傅",
    Role.BUILDING_LEADER: "楼长",
    Role.MEDIATOR: "调解员",
    Role.TREASURER: "管账员",
    Role.COMMITTEE_MEMBER: "业委会委员",
    Role.COUNCIL_MEMBER: "议事会成员",
    Role.STATION_CLERK: "服务站值班员",
    Role.STATION_MANAGER: "服务站站长",
    Role.GRID_LEADER: "网格长",
    Role.PARTY_OFFICER: "党务工作者",
    Role.COMMUNITY_OFFICER: "社区工作人员",
    Role.SUBDISTRICT_OFFICER: "街道工作人员",
    Role.DISTRICT_OFFICER: "区工作人员",
    Role.PROFESSIONAL: "外请专业人员",
}


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that carry a permission, in the order of ``Role``."""
    return [role for role in Role if permission in ROLE_PERMISSIONS[role]]


def ceiling(role: Role) -> frozenset[Permission]:
    """Return the most that a position with this base role can have."""
    return ROLE_PERMISSIONS[role] | POSITION_MAY_ADD.get(role, frozenset())


def shaped(role: Role, changes: Iterable[tuple[str, bool]]) -> frozenset[Permission]:
    """Return what a position allows: its role's permissions with some added (true) and some taken away (false).

    Whatever the rows say, nothing goes beyond the ceiling, nothing below what everybody keeps, and a permission that this
    release does not know counts for nothing.
    """
    known = {P(name): added for name, added in changes if name in _KNOWN}
    added = {permission for permission, is_added in known.items() if is_added}
    taken = {permission for permission, is_added in known.items() if not is_added}
    return ((ROLE_PERMISSIONS[role] | added) - (taken - POSITION_KEEPS)) & ceiling(role)


_KNOWN = frozenset(permission.value for permission in Permission)
