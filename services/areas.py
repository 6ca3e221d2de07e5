"""What each area of a mandate lets an agent do.

Whoever acts for a resident has the resident's permissions, narrowed to the areas of the mandate.  So each permission that
residents have stands here: in an area, with every area, or never by proxy.  One that stands nowhere is refused to agents,
and a test says so.
"""

from collections.abc import Collection, Iterable

from models import ActingArea, AgentRelation, MandateConsent
from services.permissions import Permission

P = Permission

WITH_EVERY_AREA: frozenset[Permission] = frozenset({P.HOME_OWN, P.MANDATE_ACT, P.SIGN_OUT, P.UNIT_LIST})
"""What nothing can be done without: to see for which home, to stop acting, to sign out."""

AREA_PERMISSIONS: dict[ActingArea, frozenset[Permission]] = {
    ActingArea.TICKETS: frozenset(
        {
            P.CODE_SCAN,
            P.PHOTO_READ,
            P.PHOTO_UPLOAD,
            P.TICKET_CANCEL,
            P.TICKET_CONFIRM,
            P.TICKET_FILE,
            P.TICKET_NOTE,
            P.TICKET_READ,
        }
    ),
    ActingArea.HOMES: frozenset({P.RESIDENCY_ASK, P.RESIDENCY_CONFIRM}),
    ActingArea.FEES: frozenset({P.PAYMENT_PAY, P.QUOTE_ANSWER}),
    ActingArea.VOTES: frozenset(),
    ActingArea.MEDIATION: frozenset(),
    ActingArea.MESSAGES: frozenset({P.INBOX_READ}),
}

NEVER_BY_PROXY: frozenset[Permission] = frozenset(
    {P.INVITATION_REDEEM, P.MANDATE_GIVE, P.ME_READ, P.ME_WRITE, P.RESIDENCY_VOUCH, P.TICKET_HELP}
)
"""What only the person can do.  A mandate cannot be passed on (Civil Code 169); what is one's own stays one's own; who
vouches for a neighbor gives their own word; who offers to help means themselves."""

AREA_NAMES: dict[ActingArea, str] = {
    ActingArea.TICKETS: "报修",
    ActingArea.HOMES: "房屋和住户登记",
    ActingArea.FEES: "物业费",
    ActingArea.VOTES: "投票",
    ActingArea.MEDIATION: "调解",
    ActingArea.MESSAGES: "看消息",
}

RELATION_NAMES: dict[AgentRelation, str] = {
    AgentRelation.DAUGHTER: "女儿",
    AgentRelation.SON: "儿子",
    AgentRelation.SPOUSE: "老伴",
    AgentRelation.PARENT: "父母",
    AgentRelation.GRANDCHILD: "孙辈",
    AgentRelation.RELATIVE: "亲戚",
    AgentRelation.NEIGHBOR: "邻居",
    AgentRelation.VOLUNTEER: "志愿者",
    AgentRelation.STATION: "服务站",
}

CONSENT_NAMES: dict[MandateConsent, str] = {
    MandateConsent.IN_APP: "手机上点的",
    MandateConsent.SPOKEN: "当面或者电话里说的",
    MandateConsent.PAPER: "纸上签字的",
}


def allowed(areas: Collection[ActingArea]) -> frozenset[Permission]:
    """Return what an agent may do by a mandate for these areas."""
    return WITH_EVERY_AREA.union(*(AREA_PERMISSIONS[area] for area in areas)) if areas else frozenset()


def area_of(permission: Permission) -> ActingArea | None:
    """Return the area a permission belongs to, if it belongs to one."""
    return next((area for area, own in AREA_PERMISSIONS.items() if permission in own), None)


def unplaced(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Return those for which nobody has decided whether an agent may have them."""
    return frozenset(permissions) - WITH_EVERY_AREA - NEVER_BY_PROXY - frozenset().union(*AREA_PERMISSIONS.values())


def spoken(areas: Collection[ActingArea]) -> str:
    """Return areas as people say them, in the order of ``ActingArea``: 报修、看消息."""
    return "、".join(AREA_NAMES[area] for area in ActingArea if area in areas)
