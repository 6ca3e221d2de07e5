"""The privacy notice and the texts of consents, periods of the rights desk, retention, and kinds of key households."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SINCE = dt.date(2020, 1, 1)
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)

NOTICE = """五有是小区自己用的服务系统，由您所在小区的物业服务站和社区使用。这里说清楚：我们记您什么、为什么记、记多久、您能做什么。

一、记什么，为什么记
1. 姓名和电话：报修以后要联系您，投票和收费要对得上人。
2. 您的房子：楼、单元、房号、面积，用来分清报修地点、算费用、算投票面积。
3. 您的微信在本小程序里的编号：用来认出是您。我们看不到您的微信聊天，也不知道您的微信密码。
4. 您报修写的话和拍的照片：用来派人修，事后查得到。照片里的拍摄地点会自动去掉。
5. 身份证号平时不记。只有调解文书、困难救助、某些投票这几件事，法律要求核对时才记，而且另外问您。

二、谁看得到
姓名和电话平时只露一部分。工作人员要打电话给您，必须写明为什么，系统会记下是谁、什么时候、为什么看的，您自己查得到。
不卖给别人，不拿去做广告。要给外面的单位，先另外问您；法律规定必须给的除外。

三、记多久
报修办完后留3年，急修事故留10年，之后去掉您的姓名电话。账目、投票按法律规定保存，不能提前删，但只存着，不再用作别的。
您搬走满1年，电话就删掉。登录记录留够法律规定的6个月以后删掉。

四、您能做什么
您随时可以看、要一份复印件、改错、要求删除、要求先别用、要求转给别处、要求讲明白。在“我的—我的资料”里点一下就行，也可以打电话或者到服务站口头说、写在纸上。15个工作日之内答复您，办不了的会讲清道理。
您同意过的事，随时可以收回，收回马上算数，不影响您报修、交费、投票。

五、孩子和老人
不满14周岁孩子的资料，要家长先同意才记，只有很少几个人看得到。
不用手机的老人，请家里人代办或者到服务站说一声，效果一样。

六、有问题找谁
先找服务站；不满意找社区；还可以向网信部门投诉。"""

CARE = """有的住户需要邻里多照看，比如独居老人、残疾人、生活困难的家庭。您同意的话，我们记下：您住哪里、属于哪一种情况、需要注意什么。

只有写明姓名的几个人看得到，您查得到是哪几个人、看过几次、为什么看。最长一年，到期要重新问您。
不进任何名单和表格，不在群里说，不给别的单位。"""

CHILD = """孩子不满14周岁，记孩子的资料要先经过家长同意。我们只记：孩子的姓名、住在哪一户、满14周岁的那个月。

只有服务站站长和社区工作人员看得到姓名，别人只看到“未成年人”。不记学校、照片和健康情况。
您随时可以收回同意，收回以后孩子的资料马上删掉。"""

SHARE = """有些事小区自己办不了，要请自来水、供热、电力、电梯、消防这些单位来。您同意的话，办这件事的时候可以把您的称呼、电话和房号告诉来办事的那个单位。

只给办这件事的单位，只给这几样，给了谁您查得到。"""

PUBLISH = """小区的公示栏、公众号有时候想用居民写的话或者拍的照片，比如修好以后的前后对比。您同意的话，我们可以用，不写姓名、电话和房号。

照片里有人脸、车牌的，先遮住再用。"""

# Columns: code, name, basis, sensitive, asked at the first start, title, effect, body.
KINDS = [
    (
        "notice", "隐私说明", "contract", False, True, "您的资料，我们怎么用",
        "不看这份说明就不知道我们怎么用您的资料，所以第一次打开要请您看一遍。点“知道了”就行，不用同意别的。", NOTICE,
    ),
    (
        "care", "关怀登记", "consent", True, False, "请您同意关怀登记",
        "为了有人定期看望、出事时先想到您。不同意也没关系，报修、交费、投票和别的服务一样不少。", CARE,
    ),
    (
        "child", "孩子的资料", "consent", True, False, "请家长同意记孩子的资料",
        "为了知道家里有孩子，出事时先照顾。不同意就不记，家里别人的服务一样不少。", CHILD,
    ),
    (
        "share", "把联系方式告诉来办事的单位", "consent", False, False, "要请外面的单位来，可以把您的电话告诉他们吗",
        "为了来办事的人能直接找到您。不同意的话，由服务站两头传话，会慢一些。", SHARE,
    ),
    (
        "publish", "公开使用我写的话和照片", "consent", False, False, "可以在公示栏用您写的话和照片吗",
        "为了让邻居看到修好了什么。不同意就不用，对您没有任何影响。", PUBLISH,
    ),
]  # fmt: skip

# Columns: code, value, source.  The code names the unit.
RULES = [
    ("desk.working_days", 15, "默认值：个人信息保护法第50条要求及时答复，没有写天数；各平台通行15个工作日"),
    ("desk.remind_days", 3, "默认值：到期前几天提醒经办人"),
    ("merge.undo_days", 30, "默认值：合并以后多少天之内可以拆开"),
    ("merge.code_minutes", 15, "默认值：合并码能用多少分钟"),
    ("care.most_days", 365, "默认值：关怀登记最长多久要重新问一次"),
    ("care.remind_days", 30, "默认值：关怀登记到期前几天提醒"),
    ("minor.years", 14, "个人信息保护法第28条、第31条：不满十四周岁"),
]

# Columns: subject, action, days, source.
RETENTION = [
    ("job_run", "delete", 30, "默认值：系统自己的运行记录，没有个人信息"),
    ("idempotency_key", "delete", 7, "默认值：防止重复提交的答复，用完就没用了"),
    ("outbox_message", "delete", 90, "默认值：已经发完的消息，只有编号"),
    ("inbox_item", "delete", 730, "默认值：个人消息两年，个人信息保护法第19条最短保存"),
    ("sign_in", "delete", 210, "网络安全法（2025年修正）第23条：网络日志不少于六个月"),
    ("invitation", "delete", 365, "默认值：用过或者过期的邀请码一年"),
    ("ticket", "pseudonymise", 1096, "默认值：报修办结后三年去掉姓名电话"),
    ("ticket_p1", "pseudonymise", 3653, "默认值：急修事故十年"),
    ("moved_away", "pseudonymise", 365, "默认值：搬走满一年删电话，个人信息保护法第47条第一款"),
    ("consent", "delete", 1096, "默认值：注销以后同意记录再留三年，以备查验"),
    ("rights_request", "delete", 1096, "默认值：答复后三年，参照个人信息保护法第56条"),
    ("care_entry", "delete", 365, "默认值：关怀登记结束一年，个人信息保护法第19条"),
    ("person_merge", "delete", 30, "默认值：没有办成的合并申请一个月"),
]

# Columns: code, name, whether a consent of its own is needed.
CARE_KINDS = [
    ("alone", "独居老人", True),
    ("disabled", "残疾人", True),
    ("ill", "长期生病", True),
    ("hardship", "生活困难", True),
    ("child_at_risk", "困境儿童", True),
    ("bereaved", "失独家庭", True),
    ("soldier", "军属和退役军人", False),
    ("martyr", "烈属", False),
]

kind = sa.table(
    "consent_kind", sa.column("code"), sa.column("name"), sa.column("basis"), sa.column("is_sensitive", sa.Boolean),
    sa.column("asked_at_start", sa.Boolean), sa.column("place", sa.Integer),
)  # fmt: skip
text = sa.table(
    "consent_text", sa.column("kind_code"), sa.column("version", sa.Integer), sa.column("title"), sa.column("body"),
    sa.column("effect"), sa.column("asks_again", sa.Boolean), sa.column("since", sa.DateTime(timezone=True)),
)  # fmt: skip
rule = sa.table(
    "privacy_rule", sa.column("code"), sa.column("value", sa.Integer), sa.column("since", sa.Date), sa.column("source"),
)  # fmt: skip
retention = sa.table(
    "retention_rule", sa.column("subject"), sa.column("action"), sa.column("keep_days", sa.Integer),
    sa.column("since", sa.Date), sa.column("source"),
)  # fmt: skip
care = sa.table(
    "care_kind", sa.column("code"), sa.column("name"), sa.column("needs_consent", sa.Boolean),
    sa.column("place", sa.Integer),
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    start = START if postgresql else START.replace(tzinfo=None)
    names = ("code", "name", "basis", "is_sensitive", "asked_at_start")
    op.bulk_insert(
        kind, [dict(zip(names, row[:5], strict=True)) | {"place": place} for place, row in enumerate(KINDS)]
    )
    op.bulk_insert(
        text,
        [
            {
                "kind_code": code, "version": 1, "title": title, "body": body, "effect": effect, "asks_again": True,
                "since": start,
            }
            for code, *_, title, effect, body in KINDS
        ],
    )  # fmt: skip
    op.bulk_insert(rule, [dict(zip(("code", "value", "source"), row, strict=True)) | {"since": SINCE} for row in RULES])
    names = ("subject", "action", "keep_days", "source")
    op.bulk_insert(retention, [dict(zip(names, row, strict=True)) | {"since": SINCE} for row in RETENTION])
    names = ("code", "name", "needs_consent")
    op.bulk_insert(care, [dict(zip(names, row, strict=True)) | {"place": place} for place, row in enumerate(CARE_KINDS)])
    if postgresql:
        # The function is of 0002.
        op.execute(
            "create trigger consent_text_stays before update or delete on consent_text "
            "for each row execute function history_stays()"
        )
    else:
        for action in ("update", "delete"):
            op.execute(
                f"create trigger consent_text_no_{action} before {action} on consent_text "
                "begin select raise(abort, 'history is append-only: consent_text'); end"
            )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger consent_text_stays on consent_text")
    else:
        for action in ("update", "delete"):
            op.execute(f"drop trigger consent_text_no_{action}")
    for table in ("care_kind", "retention_rule", "privacy_rule", "consent_text", "consent_kind"):
        op.execute(f"delete from {table}")
