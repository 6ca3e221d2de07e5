"""Categories, clock rules, and triggers that keep the history as it was written."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Kinds of trouble in old resettlement blocks; columns: code, name, examples, urgency, likely responsible, photo wanted.
CATEGORIES = [
    ("manhole", "井盖缺失破损", "井盖压坏、不见了、翘起来", "p1", "shared", True),
    ("drain", "下水堵塞反水", "下水道堵了、污水往外冒、化粪池满了", "p1", "shared", True),
    ("facade", "外墙脱落渗水", "墙皮往下掉、保温层开裂、外墙渗水", "p1", "shared", True),
    ("fire", "消防设施通道", "消防通道堵了、灭火器没了、消防栓坏了", "p1", "shared", True),
    ("elec", "楼道灯和公共电路", "楼道灯不亮、电线裸露、跳闸", "p2", "shared", False),
    ("water", "给水管和停水", "停水、水压小、水管漏水", "p2", "utility", True),
    ("roof", "屋面防水渗漏", "顶楼漏雨、屋面开裂", "p2", "shared", True),
    ("heat", "暖气不热漏水", "暖气不热、暖气片漏水", "p2", "utility", False),
    ("door", "单元门和门禁", "单元门关不上、门禁坏了、对讲不响", "p2", "shared", False),
    ("neighbor_leak", "邻里漏水", "楼上漏水到楼下", "p2", "owner", True),
    ("stair", "楼道扶手门窗", "扶手松了、楼道窗户坏了、墙皮脱落", "p3", "shared", True),
    ("road", "路面台阶冰雪", "路面坑洼、台阶破损、结冰积雪", "p3", "shared", True),
    ("wall", "围墙挡土墙", "围墙歪了、挡土墙开裂", "p2", "shared", True),
    ("green", "树木绿地", "树枝遮光、树要倒、绿地被占", "p3", "shared", True),
    ("clean", "垃圾清运小广告", "垃圾没清、小广告、污渍", "p3", "station", False),
    ("clutter", "楼道堆物", "楼道里堆东西、占公共地方", "p3", "owner", True),
    ("illegal_build", "违章搭建", "私搭乱建、占绿地盖房", "p3", "municipal", True),
    ("parking", "乱停车和飞线充电", "堵路停车、占车位、飞线充电", "p3", "station", True),
    ("facility", "健身器材座椅", "器材坏了、座椅松了、灯箱坏了", "p3", "shared", True),
    ("pest", "老鼠蟑螂", "老鼠、蟑螂、蚊虫多", "p3", "station", False),
    ("noise", "噪音扰民", "装修太晚、广场舞声音大", "p3", "station", False),
    ("pets", "养宠问题", "狗没拴绳、宠物粪便", "p3", "owner", False),
    ("renewal", "大修改造建议", "屋面翻新、道路重修、加装设施", "p4", "shared", False),
    ("other", "其他", "上面没有的，写清楚就行", "p3", "station", False),
]
DAY = 24 * 60
SINCE = dt.date(2020, 1, 1)
SOURCE = "默认值，可按本地规定改：急修半小时到场见2004年物业服务行业标准；各地时限不同，没有全国统一规定"
# urgency, mode, minutes to: answer, arrive, make safe, finish
CLOCKS = [
    ("p1", "elapsed", 10, 30, 2 * 60, DAY),
    ("p2", "elapsed", 2 * 60, DAY, None, 2 * DAY),
    ("p3", "working_days", DAY, 3 * DAY, None, 7 * DAY),
    ("p4", "working_days", 3 * DAY, 7 * DAY, None, 60 * DAY),
]
HISTORY = ("ticket_event",)

category = sa.table(
    "ticket_category",
    sa.column("code"), sa.column("name"), sa.column("examples"), sa.column("default_urgency"),
    sa.column("default_party"), sa.column("wants_photo", sa.Boolean), sa.column("position", sa.Integer),
)  # fmt: skip
clock_rule = sa.table(
    "clock_rule",
    sa.column("urgency"), sa.column("mode"), sa.column("answer_minutes", sa.Integer),
    sa.column("arrive_minutes", sa.Integer), sa.column("safe_minutes", sa.Integer),
    sa.column("done_minutes", sa.Integer), sa.column("since", sa.Date), sa.column("source"),
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    names = ("code", "name", "examples", "default_urgency", "default_party", "wants_photo")
    op.bulk_insert(
        category, [dict(zip(names, row, strict=True)) | {"position": place} for place, row in enumerate(CATEGORIES)]
    )
    names = ("urgency", "mode", "answer_minutes", "arrive_minutes", "safe_minutes", "done_minutes")
    op.bulk_insert(
        clock_rule, [dict(zip(names, row, strict=True)) | {"since": SINCE, "source": SOURCE} for row in CLOCKS]
    )
    protect = protect_postgresql if op.get_bind().dialect.name == "postgresql" else protect_sqlite
    for table in HISTORY:
        protect(table)


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        for table in HISTORY:
            op.execute(f"drop trigger {table}_stays on {table}")
        op.execute("drop function history_stays()")
    else:
        for table in HISTORY:
            op.execute(f"drop trigger {table}_no_update")
            op.execute(f"drop trigger {table}_no_delete")
    op.execute("delete from clock_rule")
    op.execute("delete from ticket_category")


def protect_postgresql(table: str) -> None:
    """Refuse to change or delete rows of a history table."""
    op.execute(
        "create or replace function history_stays() returns trigger language plpgsql as "
        "$$ begin raise exception 'history is append-only: %', tg_table_name; end $$"
    )
    op.execute(
        f"create trigger {table}_stays before update or delete on {table} "
        "for each row execute function history_stays()"
    )


def protect_sqlite(table: str) -> None:
    """Refuse to change or delete rows of a history table."""
    for action in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{action} before {action} on {table} "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )
