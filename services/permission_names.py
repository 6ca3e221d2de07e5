"""What permissions are called where people read them: in a refusal, in a list of rights."""

from collections.abc import Iterable

from services.permissions import Permission

P = Permission

PERMISSION_NAMES: dict[Permission, str] = {
    P.CONTENT_REVIEW: "核对微信没放行的内容",
    P.CARE_MANAGE: "管关怀登记",
    P.CARE_READ: "看写了自己名字的关怀登记",
    P.CHARGE_MAKE: "向住户收一笔费用",
    P.CODE_MANAGE: "发码、打印码、停用码",
    P.CODE_SCAN: "扫一扫",
    P.CONSENT_RECORD: "替人记下同意和收回",
    P.DESK_ANSWER: "答复个人信息申请",
    P.EXPORT_READABLE: "导出带姓名电话的名册",
    P.EXPORT_WRITE: "导出打码的名册",
    P.GROUP_MANAGE: "管群：机器人、停用、打开",
    P.GROUP_READ: "看群的情况",
    P.HOME_INVITE: "发房屋邀请码",
    P.HOME_LIST: "看房屋和住户名单",
    P.HOME_OWN: "看自己的房子",
    P.HOME_WRITE: "改房屋登记",
    P.IMPORT_WRITE: "导入房屋和住户",
    P.INBOX_READ: "看自己的消息",
    P.INVITATION_REDEEM: "输入邀请码",
    P.KEY_GIVE: "给外请的人案件钥匙",
    P.MANDATE_ACT: "受委托替人办事",
    P.MANDATE_GIVE: "委托别人、答应委托、收回委托",
    P.MANDATE_RECORD: "登记居民的委托、打回访电话",
    P.ME_READ: "看自己的资料",
    P.ME_WRITE: "改自己的资料",
    P.MEMBER_APPOINT: "任免",
    P.ORG_READ: "看组织和缺口",
    P.ORG_WRITE: "改组织、岗位和分工",
    P.PARTY_WRITE: "改党组织",
    P.PAYMENT_LIST: "看收款和退款",
    P.PAYMENT_PAY: "用微信缴费",
    P.PAYMENT_RECONCILE: "对账",
    P.PERSON_MERGE: "合并重复的登记",
    P.PERSON_REVEAL: "看居民的姓名电话",
    P.PHOTO_READ: "看照片",
    P.PHOTO_UPLOAD: "传照片",
    P.PRICE_MANAGE: "管价目表",
    P.QUOTE_ANSWER: "答应或者不答应维修报价",
    P.REFUND_ASK: "申请退款",
    P.REFUND_CHECK: "核准退款",
    P.RESIDENCY_ASK: "申请绑定房屋、搬离登记",
    P.RESIDENCY_CONFIRM: "房主确认住户",
    P.RESIDENCY_REVIEW: "审核住户、改房屋权利",
    P.RESIDENCY_VOUCH: "给邻居担保",
    P.SIGN_OUT: "退出登录",
    P.STATION_READ: "看服务站值班名单",
    P.TICKET_ASSIGN: "派单",
    P.TICKET_CANCEL: "撤回自己的报修",
    P.TICKET_CLOSE: "结单",
    P.TICKET_CONFIRM: "确认修好了",
    P.TICKET_CONTACT: "看报修人的电话",
    P.TICKET_FILE: "报修",
    P.TICKET_HELP: "说愿意帮忙修",
    P.TICKET_LIST: "看全部单子",
    P.TICKET_NOTE: "在单子下面留言",
    P.TICKET_READ: "看单子",
    P.TICKET_RECORD: "替人登记报修",
    P.TICKET_SURVEY: "勘查定责任",
    P.TICKET_TRIAGE: "分诊：受理、退回、转办",
    P.TICKET_WORK: "接单干活",
    P.UNIT_LIST: "看楼栋名单",
    P.WORKER_MANAGE: "登记谁会修什么、手上最多几单",
}
"""What a permission is called where people read it."""


def named(permissions: Iterable[Permission]) -> str:
    """Return permissions as people read them, in the order of ``Permission``."""
    wanted = set(permissions)
    return "、".join(PERMISSION_NAMES[one] for one in Permission if one in wanted)
