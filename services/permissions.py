"""Who may do what, as data: permissions, the roles that carry them, and the Chinese names of roles.

A permission says *what*; *where* is the node at which the role is held (``services.access``).
"""

import enum

from models import Role


class Permission(enum.StrEnum):
    """Named ``resource:action``."""

    HOME_INVITE = "home:invite"
    HOME_LIST = "home:list"
    INBOX_READ = "inbox:read"
    INVITATION_REDEEM = "invitation:redeem"
    ME_READ = "me:read"
    ME_WRITE = "me:write"
    PHOTO_READ = "photo:read"
    PHOTO_UPLOAD = "photo:upload"
    STATION_READ = "station:read"
    TICKET_ASSIGN = "ticket:assign"
    TICKET_CANCEL = "ticket:cancel"
    TICKET_CLOSE = "ticket:close"
    TICKET_CONFIRM = "ticket:confirm"
    TICKET_CONTACT = "ticket:contact"
    TICKET_FILE = "ticket:file"
    TICKET_LIST = "ticket:list"
    TICKET_NOTE = "ticket:note"
    TICKET_READ = "ticket:read"
    TICKET_RECORD = "ticket:record"
    TICKET_TRIAGE = "ticket:triage"
    TICKET_WORK = "ticket:work"
    UNIT_LIST = "unit:list"


P = Permission

_EVERYBODY = frozenset(
    {
        P.INBOX_READ,
        P.INVITATION_REDEEM,
        P.ME_READ,
        P.ME_WRITE,
        P.PHOTO_READ,
        P.PHOTO_UPLOAD,
        P.TICKET_NOTE,
        P.TICKET_READ,
        P.UNIT_LIST,
    }
)
_RESIDENT = _EVERYBODY | {P.TICKET_FILE, P.TICKET_CANCEL, P.TICKET_CONFIRM}
_OFFICER = _EVERYBODY | {P.STATION_READ, P.TICKET_LIST, P.HOME_LIST}
_CLERK = _OFFICER | {P.TICKET_CONTACT, P.TICKET_RECORD, P.TICKET_TRIAGE, P.TICKET_ASSIGN, P.HOME_INVITE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: _RESIDENT,
    Role.REPAIRER: _EVERYBODY | {P.STATION_READ, P.TICKET_WORK, P.TICKET_CONTACT},
    Role.STATION_CLERK: _CLERK,
    Role.STATION_MANAGER: _CLERK | {P.TICKET_CLOSE},
    Role.GRID_LEADER: _OFFICER | {P.TICKET_CONTACT, P.TICKET_RECORD, P.TICKET_TRIAGE, P.HOME_INVITE},
    Role.COMMUNITY_OFFICER: _OFFICER,
    Role.SUBDISTRICT_OFFICER: _OFFICER,
    Role.DISTRICT_OFFICER: _OFFICER,
}

ROLE_NAMES: dict[Role, str] = {
    Role.RESIDENT: "居民",
    Role.REPAIRER: "维修师傅",
    Role.STATION_CLERK: "服务站值班员",
    Role.STATION_MANAGER: "服务站站长",
    Role.GRID_LEADER: "网格长",
    Role.COMMUNITY_OFFICER: "社区工作人员",
    Role.SUBDISTRICT_OFFICER: "街道工作人员",
    Role.DISTRICT_OFFICER: "区工作人员",
}


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that carry a permission, in the order of ``Role``."""
    return [role for role in Role if permission in ROLE_PERMISSIONS[role]]
