"""Payments through WeChat: merchant accounts, charges, orders, refunds, their history; channels of the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHANNELS = ("event", "subscribe", "robot", "push", "check", "file")
TABLES = ["merchant_account", "charge", "payment_order", "refund_order", "payment_event"]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "merchant_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mode", one_of("merchantmode", "direct", "provider", "partner"), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("provider_id", BIG, nullable=True),
        sa.Column("mchid", sa.String(32), nullable=True),
        sa.Column("appid", sa.String(32), nullable=True),
        sa.Column("sub_mchid", sa.String(32), nullable=True),
        sa.Column("sub_appid", sa.String(32), nullable=True),
        sa.Column("certificate_serial", sa.String(64), nullable=True),
        sa.Column("private_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("api_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_key_id", sa.String(64), nullable=True),
        sa.Column("public_key", sa.String(2000), nullable=True),
        sa.Column("slug", sa.String(64), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(mode = 'partner') = (private_key_sealed is null) and (mode = 'partner') = (api_key_sealed is null) and (mode = 'partner') = (mchid is null) and (mode = 'partner') = (appid is null) and (mode = 'partner') = (certificate_serial is null)",
            name=op.f("ck_merchant_account_keys_are_the_providers_or_its_own"),
        ),
        sa.CheckConstraint(
            "(mode = 'partner') = (provider_id is not null)", name=op.f("ck_merchant_account_partner_has_a_provider")
        ),
        sa.CheckConstraint(
            "(mode = 'partner') = (sub_mchid is not null)", name=op.f("ck_merchant_account_partner_has_its_number")
        ),
        sa.CheckConstraint(
            "(mode = 'provider') = (neighborhood_id is null)",
            name=op.f("ck_merchant_account_provider_above_neighborhoods"),
        ),
        sa.CheckConstraint(
            "(mode = 'provider') = (slug is null)", name=op.f("ck_merchant_account_who_takes_money_is_told")
        ),
        sa.CheckConstraint(
            "mode <> 'partner' or public_key is null", name=op.f("ck_merchant_account_partner_has_no_key")
        ),
        sa.CheckConstraint(
            "mode = 'partner' or sub_appid is null", name=op.f("ck_merchant_account_only_a_partner_has_a_sub_appid")
        ),
        sa.CheckConstraint(
            "(public_key_id is null) = (public_key is null)", name=op.f("ck_merchant_account_public_key_with_its_id")
        ),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_merchant_account_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_merchant_account_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["merchant_account.id"], name=op.f("fk_merchant_account_provider_id_merchant_account")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_merchant_account_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_account")),
        sa.UniqueConstraint("slug", name=op.f("uq_merchant_account_slug")),
    )
    op.create_index(
        "uq_merchant_account_active_mchid",
        "merchant_account",
        ["mchid"],
        unique=True,
        sqlite_where=sa.text("ends_at is null"),
        postgresql_where=sa.text("ends_at is null"),
    )
    op.create_index(
        "uq_merchant_account_active_neighborhood_id",
        "merchant_account",
        ["neighborhood_id"],
        unique=True,
        sqlite_where=sa.text("ends_at is null"),
        postgresql_where=sa.text("ends_at is null"),
    )
    op.create_index(
        "uq_merchant_account_active_sub_mchid",
        "merchant_account",
        ["sub_mchid"],
        unique=True,
        sqlite_where=sa.text("ends_at is null"),
        postgresql_where=sa.text("ends_at is null"),
    )
    op.create_table(
        "charge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(64), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by_id is null)", name=op.f("ck_charge_withdrawn_by_somebody")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_charge_amount_positive")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_charge_home_id_home")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_charge_made_by_id_person")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_charge_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_charge_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    op.create_index("ix_charge_home_id_id", "charge", ["home_id", "id"])
    op.create_index("ix_charge_neighborhood_id_id", "charge", ["neighborhood_id", "id"])
    op.create_table(
        "payment_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("merchant_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("home_id", BIG, nullable=True),
        sa.Column("payer_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("out_trade_no", sa.String(32), nullable=False),
        sa.Column("description", sa.String(64), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("state", one_of("orderstate", "new", "prepaid", "paid", "refunded", "closed"), nullable=False),
        sa.Column("prepay_id", sa.String(64), nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("next_ask_at", TIME, nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.String(64), nullable=True),
        sa.Column("paid_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("refund_reserved", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at is not null)", name=op.f("ck_payment_order_closed_some_time")
        ),
        sa.CheckConstraint(
            "(state = 'refunded') = (refunded = amount)", name=op.f("ck_payment_order_refunded_is_all_of_it")
        ),
        sa.CheckConstraint(
            "(state in ('new', 'prepaid')) = (next_ask_at is not null)",
            name=op.f("ck_payment_order_asked_until_it_is_known"),
        ),
        sa.CheckConstraint(
            "(state in ('paid', 'refunded')) = (transaction_id is not null)",
            name=op.f("ck_payment_order_paid_by_its_number"),
        ),
        sa.CheckConstraint(
            "state <> 'prepaid' or prepay_id is not null", name=op.f("ck_payment_order_prepaid_by_its_id")
        ),
        sa.CheckConstraint(
            "(transaction_id is null) = (paid_at is null)", name=op.f("ck_payment_order_paid_some_time")
        ),
        sa.CheckConstraint(
            "0 <= refunded and refunded <= refund_reserved", name=op.f("ck_payment_order_refunds_were_asked_for")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_order_amount_positive")),
        sa.CheckConstraint("refund_reserved <= amount", name=op.f("ck_payment_order_never_more_back_than_paid")),
        sa.CheckConstraint(
            "transaction_id is not null or refund_reserved = 0", name=op.f("ck_payment_order_only_paid_ones_go_back")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["wechat_account.id"], name=op.f("fk_payment_order_account_id_wechat_account")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_payment_order_agent_id_person")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_payment_order_home_id_home")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant_account.id"], name=op.f("fk_payment_order_merchant_id_merchant_account")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_payment_order_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"], name=op.f("fk_payment_order_payer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("out_trade_no", name=op.f("uq_payment_order_out_trade_no")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_payment_order_transaction_id")),
    )
    op.create_index("ix_payment_order_merchant_id_paid_at", "payment_order", ["merchant_id", "paid_at"])
    op.create_index("ix_payment_order_neighborhood_id_id", "payment_order", ["neighborhood_id", "id"])
    op.create_index(
        "ix_payment_order_next_ask_at",
        "payment_order",
        ["next_ask_at"],
        sqlite_where=sa.text("state in ('new', 'prepaid')"),
        postgresql_where=sa.text("state in ('new', 'prepaid')"),
    )
    op.create_index("ix_payment_order_payer_id_id", "payment_order", ["payer_id", "id"])
    op.create_index("ix_payment_order_subject_kind_subject_id", "payment_order", ["subject_kind", "subject_id"])
    op.create_index(
        "uq_payment_order_open_subject",
        "payment_order",
        ["subject_kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state in ('new', 'prepaid')"),
        postgresql_where=sa.text("state in ('new', 'prepaid')"),
    )
    op.create_table(
        "refund_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("out_refund_no", sa.String(64), nullable=False),
        sa.Column("refund_id", sa.String(64), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column(
            "state",
            one_of("refundorderstate", "asked", "refused", "approved", "processing", "succeeded", "closed", "abnormal"),
            nullable=False,
        ),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("checked_by_id", BIG, nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("refusal", sa.String(128), nullable=True),
        sa.Column("succeeded_at", TIME, nullable=True),
        sa.Column("next_ask_at", TIME, nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(64), nullable=True),
        sa.Column("billed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (checked_by_id is null)", name=op.f("ck_refund_order_checked_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal is not null)", name=op.f("ck_refund_order_refused_for_a_reason")
        ),
        sa.CheckConstraint(
            "(state = 'succeeded') = (succeeded_at is not null)", name=op.f("ck_refund_order_succeeded_some_time")
        ),
        sa.CheckConstraint(
            "(state in ('approved', 'processing', 'abnormal')) = (next_ask_at is not null)",
            name=op.f("ck_refund_order_asked_until_it_is_known"),
        ),
        sa.CheckConstraint(
            "state not in ('processing', 'succeeded', 'abnormal') or refund_id is not null",
            name=op.f("ck_refund_order_known_to_wechat"),
        ),
        sa.CheckConstraint(
            "(checked_by_id is null) = (checked_at is null)", name=op.f("ck_refund_order_checked_some_time")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_order_amount_positive")),
        sa.CheckConstraint(
            "checked_by_id is null or checked_by_id <> asked_by_id", name=op.f("ck_refund_order_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_refund_order_asked_by_id_person")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_refund_order_checked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_refund_order_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_refund_order_order_id_payment_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_order")),
        sa.UniqueConstraint("out_refund_no", name=op.f("uq_refund_order_out_refund_no")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_refund_order_refund_id")),
    )
    op.create_index("ix_refund_order_neighborhood_id_id", "refund_order", ["neighborhood_id", "id"])
    op.create_index(
        "ix_refund_order_next_ask_at",
        "refund_order",
        ["next_ask_at"],
        sqlite_where=sa.text("next_ask_at is not null"),
        postgresql_where=sa.text("next_ask_at is not null"),
    )
    op.create_index("ix_refund_order_order_id", "refund_order", ["order_id"])
    op.create_table(
        "payment_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("refund_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", one_of("wordsource", "person", "notice", "answer", "bill", "clock"), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_payment_event_actor_id_person")),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_payment_event_agent_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_payment_event_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_payment_event_order_id_payment_order")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund_order.id"], name=op.f("fk_payment_event_refund_id_refund_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    op.create_index("ix_payment_event_order_id_id", "payment_event", ["order_id", "id"])

    stays("payment_event")
    channels(CHANNELS, (*CHANNELS, "pay", "shipping"))


def downgrade() -> None:
    """Take back."""
    op.execute("delete from outbox_message where channel in ('pay', 'shipping')")
    channels((*CHANNELS, "pay", "shipping"), CHANNELS)
    for table in reversed(TABLES):
        op.drop_table(table)


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel",
            existing_type=one_of("channel", *before),
            type_=one_of("channel", *after),
            existing_nullable=False,
        )


def stays(table: str) -> None:
    """Refuse changes of what was written."""
    if op.get_bind().dialect.name == "postgresql":
        # The function is of 0002.
        op.execute(
            f"create trigger {table}_stays before update or delete on {table} "
            "for each row execute function history_stays()"
        )
        return
    for action in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{action} before {action} on {table} "
            f"begin select raise(abort, 'history is append-only: {table}'); end"
        )
