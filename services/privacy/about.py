"""What is about a person: every table that points to one, and what becomes of its rows.

**Whoever adds a table with a key to ``person`` or ``wechat_account`` adds its line here** (``tests/test_architecture.py``
fails otherwise).  From these lines come the export of everything about a person, erasure, and merging.

* ``about``  columns whose person the row is *about*: it belongs into that person's export.
* ``by``     columns whose person only did something with it: recorded, appointed, decided.
* ``erase``  what happens to rows about a person who is erased.  Rows done *by* them always stay, under a bare number.
* ``why``    for rows that stay: what the person reads about it (PIPL 47 II).
* ``live``   columns of ``by`` that say what somebody has in hand now.
* ``merge``  whether rows (of ``about`` and ``live``) go to the one who stays in a merge; history that cannot change stays.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from models import Base, WeChatAccount


class Erase(enum.StrEnum):
    """What happens to rows about somebody who is erased."""

    DELETE = "delete"
    KEEP = "keep"
    """They say something about a home, a sum or an office; who it was is no longer written anywhere."""
    CLEAR = "clear"
    """The row stays, its personal columns are emptied: ``services.privacy.removal`` names them."""


class Merge(enum.StrEnum):
    """What happens to rows of the person who is given up in a merge."""

    MOVE = "move"
    STAY = "stay"


@dataclass(frozen=True)
class About:
    """One table and how it hangs on persons."""

    table: str
    name: str
    """What people call its rows."""
    about: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    erase: Erase = Erase.KEEP
    why: str = ""
    merge: Merge = Merge.MOVE
    live: tuple[str, ...] = ()
    """Of ``by``: what somebody has in hand, and takes along in a merge.  The others only say who did something."""
    exported: bool = True
    """Whether its rows go into the person's own export.  No: they say nothing that the person could read."""


OFFICE = "任职经历要留着：当时谁负责、谁批的，查得到才算数。"
HISTORY = "办过的事的记录不能改也不能删，里面只有编号，没有姓名电话。"
HOME_BOOK = "房屋的产权和居住记录要留着：以前的账和投票要对得上。"
MONEY = "付过的款和退款要留着：账要对得上，也依法要留。"
TICKETS = "报修记录要留着：房子和公共设施修过什么。里面不再有您的姓名电话。"
PROOF = "依法要留着备查，只存着，不再用。"

TABLES: tuple[About, ...] = (
    About("audit_entry", "查看和办理记录", about=("about_person_id",), by=("actor_id", "agent_id"), why=HISTORY,
          merge=Merge.STAY),
    About("care_entry", "关怀登记", about=("person_id",), by=("opened_by_id", "closed_by_id"), erase=Erase.DELETE,
          exported=False),
    About("care_knower", "可以看关怀登记的人", by=("person_id", "given_by_id", "withdrawn_by_id"), live=("person_id",)),
    About("care_visit", "走访记录", by=("visitor_id",)),
    About("case_key", "案件钥匙", about=("person_id",), by=("given_by_id", "withdrawn_by_id"), why=OFFICE),
    About("charge", "一次性收费", by=("made_by_id", "withdrawn_by_id")),
    About("committee_member", "业委会任职", about=("person_id",), why=OFFICE),
    About("conflict_acceptance", "利益冲突说明", by=("accepted_by_id",)),
    About("consent", "同意和收回", about=("person_id", "about_person_id"),
          by=("recorded_by_id", "witness_id", "ended_by_id"), why=PROOF),
    About("console_code", "电脑登录码", about=("person_id",), erase=Erase.DELETE, exported=False),
    About("console_request", "电脑扫码登录", about=("person_id", "account_id"), why=HISTORY),
    About("content_check", "内容检查", about=("author_id",), by=("decided_by_id",), why=TICKETS),
    About("council_seat", "议事会席位", about=("person_id",), why=OFFICE),
    About("duty_assignment", "负责的服务", about=("person_id",), by=("assigned_by_id",), why=OFFICE),
    About("export_copy", "导出的表格", by=("made_by_id",)),
    About("grant_event", "订阅次数的增减", about=("account_id",), why=HISTORY, exported=False),
    About("handover", "交接单", by=("from_person_id", "to_person_id"), live=("from_person_id", "to_person_id")),
    About("handover_item", "交接事项", by=("ticked_by_id", "confirmed_by_id")),
    About("help_offer", "帮忙的好意", about=("person_id",), by=("answered_by_id",), why=TICKETS),
    About("home_alias", "房屋别名", by=("created_by_id",)),
    About("home_area", "房屋面积", by=("recorded_by_id",)),
    About("home_right", "房屋权利", about=("person_id",), why=HOME_BOOK),
    About("idempotency_key", "重复提交的答复", about=("person_id",), erase=Erase.DELETE, merge=Merge.STAY, exported=False),
    About("import_batch", "导入的表格", by=("uploaded_by_id",)),
    About("import_person", "导入时的对应", about=("person_id",), why=HISTORY, merge=Merge.STAY, exported=False),
    About("inbox_item", "消息", about=("person_id",), erase=Erase.DELETE),
    About("index_weights", "指标的权重", by=("recorded_by_id",)),
    About("invitation", "邀请码", about=("person_id",), by=("created_by_id", "used_by_id"), why=HISTORY),
    About("load_rule", "手上最多几单", about=("person_id",), by=("set_by_id",), why=OFFICE),
    About("mandate", "代办委托", about=("principal_id", "agent_id"), by=("recorded_by_id", "witness_id", "ended_by_id"),
          why=PROOF),
    About("mass_message", "企业微信群发", by=("confirmer_id",)),
    About("membership", "任职", about=("person_id",), by=("appointed_by_id", "ended_by_id"), why=OFFICE),
    About("payment_difference", "对账差异", by=("settled_by_id",)),
    About("payment_event", "付款进展", by=("actor_id", "agent_id"), merge=Merge.STAY),
    About("payment_order", "付款", about=("payer_id", "account_id"), by=("agent_id",), why=MONEY),
    About("person_merge", "两份登记合并", about=("from_person_id", "into_person_id"),
          by=("asked_by_id", "proposed_by_id", "decided_by_id", "undone_by_id"), why=HISTORY, merge=Merge.STAY),
    About("person_search_key", "查找用的索引", about=("person_id",), erase=Erase.DELETE, merge=Merge.STAY, exported=False),
    About("price_item", "价目表", by=("set_by_id",), merge=Merge.STAY),
    About("quote_answer", "对报价的答复", about=("said_by_id",), by=("spoken_by_id",), why=MONEY, merge=Merge.STAY),
    About("read_back", "代办回访", about=("principal_id",), by=("answered_by_id",), why=PROOF),
    About("refund_order", "退款", by=("asked_by_id", "checked_by_id")),
    About("residency", "房屋", about=("person_id",), by=("ended_by_id",), why=HOME_BOOK),
    About("residency_event", "房屋登记进展", by=("actor_id", "agent_id"), merge=Merge.STAY),
    About("residency_request", "房屋登记申请", about=("person_id",), by=("filed_by_id", "decided_by_id"), why=HOME_BOOK),
    About("residency_vouch", "邻居作证", by=("voucher_id",)),
    About("reveal", "谁看过姓名电话", about=("person_id",), by=("viewer_id",), why=HISTORY),
    About("rights_change", "权限更新次数", about=("person_id",), why=HISTORY, merge=Merge.STAY, exported=False),
    About("rights_request", "个人信息申请", about=("person_id",), by=("asked_by_id", "recorded_by_id", "handled_by_id"),
          live=("handled_by_id",), why=PROOF),
    About("scan_code", "贴在墙上的码", by=("made_by_id", "revoked_by_id")),
    About("sign_in", "登录记录", about=("person_id", "account_id"), erase=Erase.CLEAR,
          why="登录记录依法至少留6个月，到时候自动删掉。"),
    About("spot", "公共地方和巡查点", by=("created_by_id",)),
    About("stored_file", "照片", about=("owner_id",), why=TICKETS),
    About("subscription_grant", "订阅次数", about=("account_id",), erase=Erase.DELETE),
    About("ticket", "报修", about=("reporter_id",),
          by=("recorded_by_id", "assignee_id", "transfer_to_id", "done_by_id", "confirmed_by_id"),
          live=("assignee_id", "transfer_to_id"), erase=Erase.CLEAR, why=TICKETS),
    About("ticket_event", "报修进展", about=("on_behalf_of_id",), by=("actor_id",), why=HISTORY, merge=Merge.STAY),
    About("ticket_assignment", "派给谁的记录", by=("person_id", "given_by_id"), merge=Merge.STAY),
    About("ticket_callback", "回访", by=("worker_id", "called_by_id")),
    About("ticket_hold", "维修暂停", by=("held_by_id",)),
    About("ticket_miss", "超时记录", by=("person_id",)),
    About("ticket_quote", "维修报价", by=("made_by_id", "withdrawn_by_id"), merge=Merge.STAY),
    About("ticket_responsibility", "责任认定", by=("decided_by_id",), merge=Merge.STAY),
    About("ticket_truth", "报修结果", about=("said_by_id",), by=("spoken_by_id", "worker_id"), why=HISTORY,
          merge=Merge.STAY),
    About("worker_skill", "会修什么", about=("person_id",), by=("given_by_id", "ended_by_id"), why=OFFICE),
    About("wechat_account", "微信账号", about=("person_id",), erase=Erase.CLEAR),
)  # fmt: skip


def rows_about(line: About, ids: Collection[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a row of the table is about one of these persons, or about an account of theirs."""
    table = Base.metadata.tables[line.table]
    accounts = sa.select(WeChatAccount.id).where(WeChatAccount.person_id.in_(ids))
    conditions = [table.c[name].in_(accounts if _is_account(table.c[name]) else ids) for name in line.about]
    return sa.or_(sa.false(), *conditions)


def _is_account(column: sa.Column[int]) -> bool:
    return any(key.column.table.name == WeChatAccount.__tablename__ for key in column.foreign_keys)
