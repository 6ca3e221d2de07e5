"""What goes with time: photos and their bytes, and the sealed rows of workbooks that were imported."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

SINCE = dt.date(2020, 1, 1)
CHANNELS = ("event", "subscribe", "robot", "push", "check")

# Columns: kind of rows, what happens, days, source.
RETENTION = [
    ("ticket_photo", "delete", 1096, "默认值：和报修的姓名电话一起，办结后三年，个人信息保护法第19条最短保存"),
    ("ticket_photo_p1", "delete", 3653, "默认值：急修事故十年"),
    ("residency_photo", "delete", 1096, "默认值：办完三年，参照民法典第188条诉讼时效；登记本身不删"),
    ("stored_file", "delete", 30, "默认值：传上来没有用上的、用完放下的照片一个月，个人信息保护法第19条"),
    ("import_batch", "pseudonymise", 180, "默认值：半年以内可以整批撤销，以后原来的表格没有用处，个人信息保护法第19条"),
    ("import_row", "delete", 1, "表格到期以后一天"),
    ("import_change", "delete", 1, "表格到期以后一天"),
]

retention = sa.table(
    "retention_rule", sa.column("subject"), sa.column("action"), sa.column("keep_days", sa.Integer),
    sa.column("since", sa.Date), sa.column("source"),
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    op.add_column("import_batch", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_consent_file_id", "consent", ["file_id"])
    channels(CHANNELS, (*CHANNELS, "file"))
    names = ("subject", "action", "keep_days", "source")
    op.bulk_insert(retention, [dict(zip(names, row, strict=True)) | {"since": SINCE} for row in RETENTION])


def downgrade() -> None:
    """Take back."""
    subjects = ", ".join(f"'{row[0]}'" for row in RETENTION)
    rules = f"select id from retention_rule where subject in ({subjects})"
    op.execute(f"delete from retention_run where rule_id in ({rules})")
    op.execute(f"delete from retention_rule where subject in ({subjects})")
    op.execute("delete from outbox_message where channel = 'file'")
    channels((*CHANNELS, "file"), CHANNELS)
    op.drop_index("ix_consent_file_id", "consent")
    op.drop_column("import_batch", "forgotten_at")


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel", existing_type=one_of("channel", *before), type_=one_of("channel", *after), existing_nullable=False
        )
