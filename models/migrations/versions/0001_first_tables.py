"""The first tables: organisation, people, homes, tickets, messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendar_override",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_override")),
    )
    op.create_table(
        "job_lease",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=255), nullable=True),
        sa.CheckConstraint("(finished_at is null) = (ok is null)", name=op.f("ck_job_run_finished_well_or_not")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index("ix_job_run_job_started_at", ["job", "started_at"], unique=False)

    op.create_table(
        "org_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "city",
                "district",
                "subdistrict",
                "community",
                "neighborhood",
                "grid",
                "building",
                "stairwell",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'neighborhood') = (code is not null)", name=op.f("ck_org_unit_code_of_a_neighborhood")
        ),
        sa.CheckConstraint(
            "(kind in ('city', 'district', 'subdistrict', 'community')) = (neighborhood_id is null)",
            name=op.f("ck_org_unit_neighborhood_from_its_level_down"),
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_org_unit_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_org_unit_code")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_org_unit_parent_id_name")),
        sa.UniqueConstraint("path", name=op.f("uq_org_unit_path")),
    )
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.create_index("ix_org_unit_neighborhood_id_kind", ["neighborhood_id", "kind"], unique=False)
        batch_op.create_index("ix_org_unit_path", ["path"], unique=False, postgresql_ops={"path": "text_pattern_ops"})

    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_masked", sa.String(length=64), nullable=True),
        sa.Column("known_as", sa.String(length=32), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_masked", sa.String(length=32), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_phone_hash"), ["phone_hash"], unique=False)

    op.create_table(
        "provider_token",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_provider_token")),
    )
    op.create_table(
        "ticket_category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("examples", sa.String(length=128), nullable=False),
        sa.Column(
            "default_urgency",
            sa.Enum("p1", "p2", "p3", "p4", name="urgency", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("default_party", sa.String(length=32), nullable=False),
        sa.Column("wants_photo", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_category")),
        sa.UniqueConstraint("code", name=op.f("uq_ticket_category_code")),
    )
    op.create_table(
        "clock_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum("p1", "p2", "p3", "p4", name="urgency", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "mode",
            sa.Enum("elapsed", "working_days", name="clockmode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("answer_minutes", sa.Integer(), nullable=False),
        sa.Column("arrive_minutes", sa.Integer(), nullable=False),
        sa.Column("safe_minutes", sa.Integer(), nullable=True),
        sa.Column("done_minutes", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.CheckConstraint(
            "answer_minutes > 0 and arrive_minutes > 0 and done_minutes > 0 and (safe_minutes is null or safe_minutes > 0)",
            name=op.f("ck_clock_rule_periods_positive"),
        ),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_clock_rule_until_after_since")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["ticket_category.id"], name=op.f("fk_clock_rule_category_id_ticket_category")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_clock_rule_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_rule")),
    )
    with op.batch_alter_table("clock_rule", schema=None) as batch_op:
        batch_op.create_index("ix_clock_rule_urgency", ["urgency", "neighborhood_id", "category_id"], unique=False)

    op.create_table(
        "group_binding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("robot_key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("switched_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("switched_off_why", sa.String(length=255), nullable=True),
        sa.CheckConstraint(
            "(switched_off_at is null) = (switched_off_why is null)", name=op.f("ck_group_binding_off_for_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_group_binding_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_binding")),
    )
    with op.batch_alter_table("group_binding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_binding_neighborhood_id"), ["neighborhood_id"], unique=False)

    op.create_table(
        "home",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("building_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stairwell_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("room", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("area_centi", sa.Integer(), nullable=True),
        sa.CheckConstraint("area_centi is null or area_centi > 0", name=op.f("ck_home_area_positive")),
        sa.ForeignKeyConstraint(["building_id"], ["org_unit.id"], name=op.f("fk_home_building_id_org_unit")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_home_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["stairwell_id"], ["org_unit.id"], name=op.f("fk_home_stairwell_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home")),
        sa.UniqueConstraint("neighborhood_id", "code", name=op.f("uq_home_neighborhood_id_code")),
    )
    with op.batch_alter_table("home", schema=None) as batch_op:
        batch_op.create_index("ix_home_building_id", ["building_id"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_idempotency_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "resident",
                "repairer",
                "station_clerk",
                "station_manager",
                "grid_leader",
                "community_officer",
                "subdistrict_officer",
                "district_officer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role <> 'resident'", name=op.f("ck_membership_residents_have_residencies")),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_membership_ends_after_start")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_membership_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_unit_id_role", ["unit_id", "role"], unique=False)
        batch_op.create_index(
            "uq_membership_current",
            ["person_id", "unit_id", "role"],
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        )

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "event", "subscribe", "robot", name="channel", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "sent",
                "refused",
                "failed",
                name="outboxstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'sending') = (leased_until is not null)", name=op.f("ck_outbox_message_sending_has_a_lease")
        ),
        sa.CheckConstraint(
            "(state in ('sent', 'refused', 'failed')) = (settled_at is not null)",
            name=op.f("ck_outbox_message_settled"),
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_outbox_message_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_message_due",
            ["channel", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state in ('waiting', 'sending')"),
            postgresql_where=sa.text("state in ('waiting', 'sending')"),
        )

    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage_key", sa.String(length=128), nullable=False),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0 and width > 0 and height > 0", name=op.f("ck_stored_file_not_empty")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_stored_file_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_stored_file_storage_key")),
        sa.UniqueConstraint("token", name=op.f("uq_stored_file_token")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "ticket_counter",
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.String(length=16), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_ticket_counter_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("neighborhood_id", "month", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "wechat_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("unionid", sa.String(length=64), nullable=True),
        sa.Column("session_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wechat_account_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_account")),
        sa.UniqueConstraint("appid", "openid", name=op.f("uq_wechat_account_appid_openid")),
    )
    with op.batch_alter_table("wechat_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wechat_account_person_id"), ["person_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("home_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "owner",
                "co_owner",
                "family",
                "tenant",
                name="residencykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(home_id is null) = (kind is null)", name=op.f("ck_invitation_kind_goes_with_home")),
        sa.CheckConstraint("(used_at is null) = (used_by_id is null)", name=op.f("ck_invitation_used_by_somebody")),
        sa.CheckConstraint(
            "person_id is not null or home_id is not null", name=op.f("ck_invitation_invites_to_something")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_invitation_created_by_id_person")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_invitation_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_invitation_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["used_by_id"], ["wechat_account.id"], name=op.f("fk_invitation_used_by_id_wechat_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_neighborhood_id"), ["neighborhood_id"], unique=False)

    op.create_table(
        "residency",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("home_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "owner",
                "co_owner",
                "family",
                "tenant",
                name="residencykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_residency_ends_after_start")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_residency_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_residency_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_residency_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency")),
    )
    with op.batch_alter_table("residency", schema=None) as batch_op:
        batch_op.create_index("ix_residency_person_id", ["person_id"], unique=False)
        batch_op.create_index(
            "uq_residency_current",
            ["home_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        )

    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refresh_hash", sa.String(length=128), nullable=False),
        sa.Column("previous_hash", sa.String(length=128), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_sign_in_expires_later")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["wechat_account.id"], name=op.f("fk_sign_in_account_id_wechat_account")
        ),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_sign_in_membership_id_membership")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_sign_in_refresh_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_sign_in_previous_hash", ["previous_hash"], unique=False)

    op.create_table(
        "subscription_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_subscription_grant_remaining_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["wechat_account.id"], name=op.f("fk_subscription_grant_account_id_wechat_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_grant")),
        sa.UniqueConstraint("account_id", "kind", name=op.f("uq_subscription_grant_account_id_kind")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_path", sa.String(length=255), nullable=False),
        sa.Column("building_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("home_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "place",
            sa.Enum("home", "common", name="placekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("place_label", sa.String(length=64), nullable=False),
        sa.Column("place_note", sa.String(length=128), nullable=True),
        sa.Column("latitude", sa.Integer(), nullable=True),
        sa.Column("longitude", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum("p1", "p2", "p3", "p4", name="urgency", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "app",
                "phone",
                "paper",
                "visit",
                name="ticketsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "triaged",
                "assigned",
                "accepted",
                "on_site",
                "in_progress",
                "paused",
                "done_by_worker",
                "confirmed",
                "auto_confirmed",
                "reopened",
                "rated",
                "closed",
                "rejected",
                "redirected",
                "cancelled",
                name="ticketstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column(
            "pause_reason",
            sa.Enum(
                "waiting_resident",
                "weather",
                "parts",
                "vote",
                "other_body",
                name="pausereason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "paused_from",
            sa.Enum(
                "submitted",
                "triaged",
                "assigned",
                "accepted",
                "on_site",
                "in_progress",
                "paused",
                "done_by_worker",
                "confirmed",
                "auto_confirmed",
                "reopened",
                "rated",
                "closed",
                "rejected",
                "redirected",
                "cancelled",
                name="paused_from",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrive_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("safe_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("safe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "satisfaction",
            sa.Enum(
                "satisfied",
                "mostly",
                "fair",
                "unsatisfied",
                name="satisfaction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("rating_words", sa.String(length=2000), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(place = 'home') = (home_id is not null)", name=op.f("ck_ticket_home_place_names_a_home")),
        sa.CheckConstraint(
            "(state = 'paused') = (pause_reason is not null)", name=op.f("ck_ticket_paused_for_a_reason")
        ),
        sa.CheckConstraint("(state = 'paused') = (paused_at is not null)", name=op.f("ck_ticket_paused_at_some_time")),
        sa.CheckConstraint(
            "(state = 'paused') = (paused_from is not null)", name=op.f("ck_ticket_paused_from_somewhere")
        ),
        sa.CheckConstraint(
            "(state in ('closed', 'rejected', 'redirected', 'cancelled')) = (settled_at is not null)",
            name=op.f("ck_ticket_settled"),
        ),
        sa.CheckConstraint(
            "not (state = 'paused' and urgency = 'p1')", name=op.f("ck_ticket_an_emergency_never_pauses")
        ),
        sa.CheckConstraint("(latitude is null) = (longitude is null)", name=op.f("ck_ticket_map_point_is_whole")),
        sa.CheckConstraint(
            "confirmed_by_id is null or confirmed_by_id <> done_by_id", name=op.f("ck_ticket_no_worker_confirms")
        ),
        sa.CheckConstraint("reopen_count between 0 and 2", name=op.f("ck_ticket_reopened_twice_at_most")),
        sa.CheckConstraint("version > 0", name=op.f("ck_ticket_version_positive")),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name=op.f("fk_ticket_assignee_id_person")),
        sa.ForeignKeyConstraint(["building_id"], ["org_unit.id"], name=op.f("fk_ticket_building_id_org_unit")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["ticket_category.id"], name=op.f("fk_ticket_category_id_ticket_category")
        ),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_ticket_confirmed_by_id_person")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_ticket_done_by_id_person")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_ticket_home_id_home")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_ticket_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_ticket_recorded_by_id_person")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_ticket_reporter_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_assignee_id_id",
            ["assignee_id", "id"],
            unique=False,
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        )
        batch_op.create_index(
            "ix_ticket_building_id_id",
            ["building_id", "id"],
            unique=False,
            sqlite_where=sa.text("place = 'common'"),
            postgresql_where=sa.text("place = 'common'"),
        )
        batch_op.create_index("ix_ticket_neighborhood_id_id", ["neighborhood_id", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_next_due_at",
            ["next_due_at"],
            unique=False,
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        )
        batch_op.create_index(
            "ix_ticket_open",
            ["neighborhood_id", "id"],
            unique=False,
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        )
        batch_op.create_index("ix_ticket_reporter_id_id", ["reporter_id", "id"], unique=False)

    op.create_table(
        "inbox_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_inbox_item_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inbox_item_person_id_person")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_inbox_item_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_item")),
        sa.UniqueConstraint("person_id", "dedupe_key", name=op.f("uq_inbox_item_person_id_dedupe_key")),
    )
    with op.batch_alter_table("inbox_item", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_item_person_id_id", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "ix_inbox_item_unread",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("read_at is null"),
            postgresql_where=sa.text("read_at is null"),
        )

    op.create_table(
        "ticket_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("neighborhood_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("on_behalf_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "from_state",
            sa.Enum(
                "submitted",
                "triaged",
                "assigned",
                "accepted",
                "on_site",
                "in_progress",
                "paused",
                "done_by_worker",
                "confirmed",
                "auto_confirmed",
                "reopened",
                "rated",
                "closed",
                "rejected",
                "redirected",
                "cancelled",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "submitted",
                "triaged",
                "assigned",
                "accepted",
                "on_site",
                "in_progress",
                "paused",
                "done_by_worker",
                "confirmed",
                "auto_confirmed",
                "reopened",
                "rated",
                "closed",
                "rejected",
                "redirected",
                "cancelled",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_ticket_event_actor_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_ticket_event_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of_id"], ["person.id"], name=op.f("fk_ticket_event_on_behalf_of_id_person")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_event_ticket_id_id", ["ticket_id", "id"], unique=False)

    op.create_table(
        "ticket_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "report", "before", "after", name="photophase", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ticket_event.id"], name=op.f("fk_ticket_photo_event_id_ticket_event")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_ticket_photo_file_id_stored_file")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_photo_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_photo")),
        sa.UniqueConstraint("file_id", name=op.f("uq_ticket_photo_file_id")),
        sa.UniqueConstraint("ticket_id", "phase", "position", name=op.f("uq_ticket_photo_ticket_id_phase_position")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("ticket_photo")
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_event_ticket_id_id")

    op.drop_table("ticket_event")
    with op.batch_alter_table("inbox_item", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_item_unread", sqlite_where=sa.text("read_at is null"), postgresql_where=sa.text("read_at is null")
        )
        batch_op.drop_index("ix_inbox_item_person_id_id")

    op.drop_table("inbox_item")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_reporter_id_id")
        batch_op.drop_index(
            "ix_ticket_open", sqlite_where=sa.text("settled_at is null"), postgresql_where=sa.text("settled_at is null")
        )
        batch_op.drop_index(
            "ix_ticket_next_due_at",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        )
        batch_op.drop_index("ix_ticket_neighborhood_id_id")
        batch_op.drop_index(
            "ix_ticket_building_id_id",
            sqlite_where=sa.text("place = 'common'"),
            postgresql_where=sa.text("place = 'common'"),
        )
        batch_op.drop_index(
            "ix_ticket_assignee_id_id",
            sqlite_where=sa.text("settled_at is null"),
            postgresql_where=sa.text("settled_at is null"),
        )

    op.drop_table("ticket")
    op.drop_table("subscription_grant")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_previous_hash")
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_account_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("residency", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_residency_current", sqlite_where=sa.text("ends_at is null"), postgresql_where=sa.text("ends_at is null")
        )
        batch_op.drop_index("ix_residency_person_id")

    op.drop_table("residency")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_neighborhood_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("wechat_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wechat_account_person_id"))

    op.drop_table("wechat_account")
    op.drop_table("ticket_counter")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_owner_id"))

    op.drop_table("stored_file")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_message_due",
            sqlite_where=sa.text("state in ('waiting', 'sending')"),
            postgresql_where=sa.text("state in ('waiting', 'sending')"),
        )

    op.drop_table("outbox_message")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_current",
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        )
        batch_op.drop_index("ix_membership_unit_id_role")

    op.drop_table("membership")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_created_at"))

    op.drop_table("idempotency_key")
    with op.batch_alter_table("home", schema=None) as batch_op:
        batch_op.drop_index("ix_home_building_id")

    op.drop_table("home")
    with op.batch_alter_table("group_binding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_binding_neighborhood_id"))

    op.drop_table("group_binding")
    with op.batch_alter_table("clock_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_rule_urgency")

    op.drop_table("clock_rule")
    op.drop_table("ticket_category")
    op.drop_table("provider_token")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_phone_hash"))

    op.drop_table("person")
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.drop_index("ix_org_unit_path", postgresql_ops={"path": "text_pattern_ops"})
        batch_op.drop_index("ix_org_unit_neighborhood_id_kind")

    op.drop_table("org_unit")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index("ix_job_run_job_started_at")

    op.drop_table("job_run")
    op.drop_table("job_lease")
    op.drop_table("calendar_override")
