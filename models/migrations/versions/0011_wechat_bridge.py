"""The WeChat bridge: pushes, phone look-ups, the book of grants, content checks, how each channel does."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "push_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", one_of("pushstate", "waiting", "done", "ignored", "failed"), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("handled_at", TIME, nullable=True),
        sa.Column("outcome", sa.String(64), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (handled_at is null)", name=op.f("ck_push_event_handled_at_some_time")),
        sa.CheckConstraint(
            "state <> 'waiting' or payload_sealed is not null", name=op.f("ck_push_event_waiting_has_its_payload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_event")),
        sa.UniqueConstraint("key", name=op.f("uq_push_event_key")),
    )
    op.create_index("ix_push_event_received_at", "push_event", ["received_at"])
    op.create_table(
        "phone_lookups",
        sa.Column("appid", sa.String(32), nullable=False),
        sa.Column("month", sa.String(16), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("got", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0 and got >= 0 and got <= used", name=op.f("ck_phone_lookups_counted")),
        sa.PrimaryKeyConstraint("appid", "month", name=op.f("pk_phone_lookups")),
    )
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("last_ok_at", TIME, nullable=True),
        sa.Column("last_failed_at", TIME, nullable=True),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("last_error", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_health")),
    )
    content_check()
    grant_event()
    op.add_column("ticket", sa.Column("text_shown", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Neighbors have read these already: hiding them now would help nobody.
    op.execute("update ticket set text_shown = true" if on_postgresql() else "update ticket set text_shown = 1")
    with op.batch_alter_table("wechat_account") as batch:
        batch.add_column(sa.Column("unbound_at", TIME, nullable=True))
        batch.create_check_constraint(
            op.f("ck_wechat_account_unbound_is_forgotten"),
            "unbound_at is null or (session_key_sealed is null and unionid is null)",
        )
    channels(("event", "subscribe", "robot"), ("event", "subscribe", "robot", "push", "check"))
    op.create_index(
        "ix_outbox_message_sending",
        "outbox_message",
        ["channel", "subject_id"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_outbox_message_sending", "outbox_message")
    op.execute("delete from outbox_message where channel in ('push', 'check')")
    channels(("event", "subscribe", "robot", "push", "check"), ("event", "subscribe", "robot"))
    with op.batch_alter_table("wechat_account") as batch:
        batch.drop_constraint(op.f("ck_wechat_account_unbound_is_forgotten"), type_="check")
        batch.drop_column("unbound_at")
    op.drop_column("ticket", "text_shown")
    for table in ("grant_event", "content_check", "channel_health", "phone_lookups", "push_event"):
        op.drop_table(table)


def on_postgresql() -> bool:
    """Whether this is PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def one_of(name: str, *values: str) -> sa.Enum:
    """A text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel", existing_type=one_of("channel", *before), type_=one_of("channel", *after), existing_nullable=False
        )


def content_check() -> None:
    """Checks of texts and photos."""
    op.create_table(
        "content_check",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("subject_kind", one_of("contentsubject", "ticket", "ticket_event", "photo"), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("kind", one_of("contentkind", "text", "image"), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column(
            "state",
            one_of("contentstate", "pending", "passed", "risky", "review", "approved", "refused"),
            nullable=False,
        ),
        sa.Column("trace_id", sa.String(128), nullable=True),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(64), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("reason", sa.String(255), nullable=True),
        sa.CheckConstraint(
            "(state in ('approved', 'refused')) = (decided_by_id is not null)",
            name=op.f("ck_content_check_people_decide_by_name"),
        ),
        sa.CheckConstraint("(state = 'pending') = (settled_at is null)", name=op.f("ck_content_check_settled")),
        sa.CheckConstraint(
            "state <> 'refused' or reason is not null", name=op.f("ck_content_check_refused_for_a_reason")
        ),
        sa.CheckConstraint(
            "(kind = 'image') = (subject_kind = 'photo')", name=op.f("ck_content_check_photos_are_images")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_content_check_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_content_check_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_content_check_author_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_content_check_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_check")),
        sa.UniqueConstraint("subject_kind", "subject_id", name=op.f("uq_content_check_subject_kind_subject_id")),
        sa.UniqueConstraint("trace_id", name=op.f("uq_content_check_trace_id")),
    )
    op.create_index("ix_content_check_ticket_id", "content_check", ["ticket_id"])
    for name, columns, which in (
        ("ix_content_check_to_review", ["neighborhood_id", "id"], "state in ('risky', 'review')"),
        ("ix_content_check_pending", ["created_at"], "state = 'pending'"),
    ):
        op.create_index(
            name, "content_check", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which)
        )


def grant_event() -> None:
    """The book of grants, opened with what is there; append-only."""
    op.create_table(
        "grant_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column(
            "reason",
            one_of("grantreason", "opening", "accepted", "rejected", "sent", "no_right", "switched_off", "unbound"),
            nullable=False,
        ),
        sa.Column("source", one_of("grantsource", "client", "wechat", "us"), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("pairs_with_id", BIG, nullable=True),
        sa.CheckConstraint(
            "reason in ('accepted', 'opening') or change <= 0", name=op.f("ck_grant_event_only_people_give")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["wechat_account.id"], name=op.f("fk_grant_event_account_id_wechat_account")
        ),
        sa.ForeignKeyConstraint(
            ["pairs_with_id"], ["grant_event.id"], name=op.f("fk_grant_event_pairs_with_id_grant_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_event")),
        sa.UniqueConstraint("pairs_with_id", name=op.f("uq_grant_event_pairs_with_id")),
    )
    op.create_index("ix_grant_event_account_id_kind_id", "grant_event", ["account_id", "kind", "id"])
    op.execute(
        "insert into grant_event (account_id, kind, at, reason, source, change) "
        "select account_id, kind, updated_at, 'opening', 'us', remaining from subscription_grant where remaining > 0"
    )
    if on_postgresql():
        # The function is of 0002.
        op.execute(
            "create trigger grant_event_stays before update or delete on grant_event "
            "for each row execute function history_stays()"
        )
        return
    for action in ("update", "delete"):
        op.execute(
            f"create trigger grant_event_no_{action} before {action} on grant_event "
            "begin select raise(abort, 'history is append-only: grant_event'); end"
        )
