"""Mass messages to customer groups of WeCom, and the channel on which they are prepared and looked after."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
CHANNELS = ("event", "subscribe", "robot", "push", "check", "file", "pay", "shipping", "code", "card")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "mass_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("confirmer_id", BIG, nullable=True),
        sa.Column("sender", sa.String(64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.String(255), nullable=False),
        sa.Column(
            "state",
            one_of("massstate", "prepared", "waiting", "sent", "partly", "expired", "failed"),
            nullable=False,
        ),
        sa.Column("msgid", sa.String(128), nullable=True),
        sa.Column("error", sa.String(64), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("prepared_at", TIME, nullable=False),
        sa.Column("looked_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state in ('prepared', 'waiting')) = (ended_at is null)", name=op.f("ck_mass_message_ended")
        ),
        sa.CheckConstraint(
            "(state in ('prepared', 'waiting')) = (sender is not null)",
            name=op.f("ck_mass_message_sender_until_it_ends"),
        ),
        sa.CheckConstraint(
            "state <> 'prepared' or msgid is null", name=op.f("ck_mass_message_prepared_here_only")
        ),
        sa.CheckConstraint(
            "state not in ('waiting', 'sent', 'partly') or msgid is not null",
            name=op.f("ck_mass_message_known_at_wecom"),
        ),
        sa.CheckConstraint("reminders between 0 and 3", name=op.f("ck_mass_message_three_reminders")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_mass_message_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["confirmer_id"], ["person.id"], name=op.f("fk_mass_message_confirmer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_message")),
        sa.UniqueConstraint("msgid", name=op.f("uq_mass_message_msgid")),
    )
    op.create_index("ix_mass_message_neighborhood_id_id", "mass_message", ["neighborhood_id", "id"])
    op.create_index("ix_mass_message_state", "mass_message", ["state"])
    op.create_table(
        "mass_target",
        sa.Column("id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("wecom_chat_id", sa.String(128), nullable=True),
        sa.Column("state", one_of("targetstate", "waiting", "sent", "failed"), nullable=False),
        sa.CheckConstraint(
            "state <> 'sent' or wecom_chat_id is not null", name=op.f("ck_mass_target_sent_to_a_known_group")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["mass_message.id"], name=op.f("fk_mass_target_message_id_mass_message")
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat_binding.id"], name=op.f("fk_mass_target_chat_id_chat_binding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_target")),
        sa.UniqueConstraint("message_id", "chat_id", name=op.f("uq_mass_target_message_id_chat_id")),
    )
    op.create_index("ix_mass_target_chat_id", "mass_target", ["chat_id"])
    channels(CHANNELS, (*CHANNELS, "mass"))


def downgrade() -> None:
    """Take back."""
    op.execute("delete from outbox_message where channel = 'mass'")
    channels((*CHANNELS, "mass"), CHANNELS)
    op.drop_table("mass_target")
    op.drop_table("mass_message")


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel", existing_type=one_of("channel", *before), type_=one_of("channel", *after), existing_nullable=False
        )
