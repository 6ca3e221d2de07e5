"""What kinds, evidence, rights and reasons are called where people read them."""

from models import Evidence, LeavingReason, RequestState, ResidencyKind, Right

K, E, L, S = ResidencyKind, Evidence, LeavingReason, RequestState

KIND_NAMES: dict[ResidencyKind, str] = {
    K.OWNER: "房主",
    K.CO_OWNER: "共有人",
    K.FAMILY: "家里人",
    K.TENANT: "租客",
    K.OCCUPANT: "住户（不是房主也不是租客）",
    K.AGENT: "替房主管房的人",
}
EVIDENCE_NAMES: dict[Evidence, str] = {
    E.DEED: "房产证或不动产权证",
    E.RESETTLEMENT: "拆迁安置协议",
    E.LEASE: "租房合同",
    E.MANDATE: "房主写的委托书",
    E.HOUSEHOLD_BOOK: "户口本",
    E.OWNER_WORD: "房主确认",
    E.VOUCHING: "两位邻居或网格长担保",
    E.REGISTRATION: "服务站登记",
    E.INVITATION: "服务站的邀请码",
    E.IMPORT: "名单导入",
}
RIGHT_NAMES: dict[Right, str] = {Right.VOTE: "投票", Right.FEE: "交物业费", Right.TICKET: "报修"}
LEAVING_NAMES: dict[LeavingReason, str] = {
    L.MOVED_OUT: "搬走了",
    L.SOLD: "房子卖了",
    L.LEASE_OVER: "租期到了",
    L.DECEASED: "去世",
    L.MISTAKE: "登记错了",
    L.ENDED_BY_OWNER: "房主说不在这里住了",
    L.CHANGED_KIND: "身份变了",
}
STATE_NAMES: dict[RequestState, str] = {
    S.WAITING_VOUCHERS: "等邻居担保",
    S.WAITING_OWNER: "等房主确认",
    S.SUBMITTED: "等服务站审核",
    S.RETURNED: "已退回，可以补",
    S.APPROVED: "已通过",
    S.WITHDRAWN: "已撤回",
}
NEXT_STEP: dict[RequestState, str] = {
    S.WAITING_VOUCHERS: "请同楼的邻居点开担保，或者请网格长证明。",
    S.WAITING_OWNER: "请等房主点“是的”；房主不用手机，请服务站打电话问。",
    S.SUBMITTED: "请等服务站审核。",
    S.RETURNED: "请看退回的原因，补好再交。",
    S.APPROVED: "已经登记好了，不用再办。",
    S.WITHDRAWN: "已经撤回；还要办请重新申请。",
}
