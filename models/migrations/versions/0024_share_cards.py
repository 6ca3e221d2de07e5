"""Cards in WeChat groups whose numbers change, and the channel of their changes."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
OPEN = "state = 'open'"
CHANNELS = ("event", "subscribe", "robot", "push", "check", "file", "pay", "shipping", "code")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "share_card",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("building_id", BIG, nullable=False),
        sa.Column("activity_id", sa.String(128), nullable=False),
        sa.Column("state", one_of("cardstate", "open", "full", "expired", "lost"), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at is null)", name=op.f("ck_share_card_closed")),
        sa.CheckConstraint("households > 0 and answered between 0 and households", name=op.f("ck_share_card_counted")),
        sa.CheckConstraint("state <> 'full' or answered = households", name=op.f("ck_share_card_full_is_all")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_share_card_expires_later")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_share_card_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["building_id"], ["org_unit.id"], name=op.f("fk_share_card_building_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_card")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_share_card_activity_id")),
    )
    op.create_index(
        "uq_share_card_open",
        "share_card",
        ["building_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("ix_share_card_building_id_id", "share_card", ["building_id", "id"])
    channels(CHANNELS, (*CHANNELS, "card"))


def downgrade() -> None:
    """Take back."""
    op.execute("delete from outbox_message where channel = 'card'")
    channels((*CHANNELS, "card"), CHANNELS)
    op.drop_table("share_card")


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel", existing_type=one_of("channel", *before), type_=one_of("channel", *after), existing_nullable=False
        )
