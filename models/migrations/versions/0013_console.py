"""Browsers at the console: sign-ins without a phone, requests to be scanned, one-time codes, counted attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
TABLES = ("console_request", "console_code", "attempt_count")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the rule that a column holds one of these."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


DEVICES = one_of("device", ("phone", "console"))
ENDS = one_of("end_reason", ("signed_out", "ended_elsewhere", "copied"))
STATES = one_of("state", ("waiting", "seen", "confirmed", "refused", "used"))


def upgrade() -> None:
    """Apply."""
    change_sign_ins()
    create_tables()


def change_sign_ins() -> None:
    """What there is now are phones, last seen when their token last changed."""
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("device", sa.String(32), nullable=False, server_default="phone"))
        batch.add_column(sa.Column("label", sa.String(64), nullable=True))
        batch.add_column(sa.Column("last_seen_at", TIME, nullable=True))
        batch.add_column(sa.Column("idle_until", TIME, nullable=True))
        batch.add_column(sa.Column("end_reason", sa.String(32), nullable=True))
    op.execute("update sign_in set last_seen_at = rotated_at")
    with op.batch_alter_table("sign_in") as batch:
        batch.alter_column("device", existing_type=sa.String(32), existing_nullable=False, server_default=None)
        batch.alter_column("last_seen_at", existing_type=TIME, nullable=False)
        batch.alter_column("account_id", existing_type=BIG, nullable=True)
        batch.create_check_constraint(op.f("ck_sign_in_devicekind"), DEVICES)
        batch.create_check_constraint(op.f("ck_sign_in_signinend"), ENDS)
        batch.create_check_constraint(
            op.f("ck_sign_in_phones_have_an_account"), "account_id is not null or device = 'console'"
        )
        batch.create_check_constraint(
            op.f("ck_sign_in_consoles_end_when_idle"), "(device = 'console') = (idle_until is not null)"
        )
        batch.create_check_constraint(
            op.f("ck_sign_in_reason_of_an_end"), "end_reason is null or ended_at is not null"
        )


def create_tables() -> None:
    """Requests, codes and attempts."""
    op.create_table(
        "console_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("membership_id", BIG, nullable=True),
        sa.Column("case_key_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("sign_in_id", BIG, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_console_request_consolerequeststate")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_console_request_expires_later")),
        sa.CheckConstraint(
            "(state = 'waiting') = (person_id is null)", name=op.f("ck_console_request_scanned_by_somebody")
        ),
        sa.CheckConstraint(
            "(account_id is null) = (person_id is null)", name=op.f("ck_console_request_scanned_with_wechat")
        ),
        sa.CheckConstraint("membership_id is null or case_key_id is null", name=op.f("ck_console_request_one_hat")),
        sa.CheckConstraint(
            "state in ('confirmed', 'used') or (membership_id is null and case_key_id is null)",
            name=op.f("ck_console_request_hat_of_a_yes"),
        ),
        sa.CheckConstraint(
            "(state in ('waiting', 'seen')) = (answered_at is null)", name=op.f("ck_console_request_answered_once")
        ),
        sa.CheckConstraint("(state = 'used') = (sign_in_id is not null)", name=op.f("ck_console_request_used_once")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_console_request_person_id_person")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["wechat_account.id"], name=op.f("fk_console_request_account_id_wechat_account")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_console_request_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(
            ["case_key_id"], ["case_key.id"], name=op.f("fk_console_request_case_key_id_case_key")
        ),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name=op.f("fk_console_request_sign_in_id_sign_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_request")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_console_request_code_hash")),
        sa.UniqueConstraint("sign_in_id", name=op.f("uq_console_request_sign_in_id")),
    )
    op.create_index(op.f("ix_console_request_browser_hash"), "console_request", ["browser_hash"])
    op.create_index(op.f("ix_console_request_created_at"), "console_request", ["created_at"])
    op.create_table(
        "console_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("sign_in_id", BIG, nullable=True),
        sa.CheckConstraint("expires_at >= created_at", name=op.f("ck_console_code_expires_later")),
        sa.CheckConstraint(
            "(used_at is null) = (sign_in_id is null)", name=op.f("ck_console_code_used_for_a_sign_in")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_console_code_person_id_person")),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name=op.f("fk_console_code_sign_in_id_sign_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_console_code_code_hash")),
        sa.UniqueConstraint("sign_in_id", name=op.f("uq_console_code_sign_in_id")),
    )
    op.create_index(op.f("ix_console_code_person_id"), "console_code", ["person_id"])
    op.create_table(
        "attempt_count",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_hash", sa.String(64), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("tries > 0", name=op.f("ck_attempt_count_tries_positive")),
        sa.PrimaryKeyConstraint("kind", "subject_hash", "began_at", name=op.f("pk_attempt_count")),
    )
    op.create_index(op.f("ix_attempt_count_began_at"), "attempt_count", ["began_at"])


def downgrade() -> None:
    """Take back.  Browsers were not known before: their sign-ins are forgotten."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("delete from sign_in where device = 'console'")
    with op.batch_alter_table("sign_in") as batch:
        for rule in ("devicekind", "signinend", "phones_have_an_account", "consoles_end_when_idle", "reason_of_an_end"):
            batch.drop_constraint(op.f(f"ck_sign_in_{rule}"), type_="check")
        batch.alter_column("account_id", existing_type=BIG, nullable=False)
        for column in ("device", "label", "last_seen_at", "idle_until", "end_reason"):
            batch.drop_column(column)
