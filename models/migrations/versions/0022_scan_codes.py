"""Codes to scan: spots, codes, their ways into the mini-program; a channel of the outbox that has them made."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
BEFORE = ("event", "subscribe", "robot", "push", "check", "file", "pay", "shipping")


def enum(name: str, *values: str) -> sa.Enum:
    """Return the type of a column that holds one of a few words."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "code_counter",
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_code_counter_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("neighborhood_id", name=op.f("pk_code_counter")),
    )
    op.create_table(
        "spot",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("kind", enum("spotkind", "common", "checkpoint"), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint("closed_at is null or closed_at >= created_at", name=op.f("ck_spot_closed_after_start")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_spot_created_by_id_person")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_spot_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_spot_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot")),
    )
    op.create_index("ix_spot_neighborhood_id", "spot", ["neighborhood_id"])
    op.create_index("uq_spot_name", "spot", ["unit_id", "name"], unique=True, **where("closed_at is null"))

    op.create_table(
        "scan_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("spot_id", BIG, nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("wanted_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("revoked_by_id", BIG, nullable=True),
        sa.Column("revoked_why", enum("codeend", "lost", "moved", "misused"), nullable=True),
        sa.Column("replaced_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(revoked_at is null) = (revoked_why is null)", name=op.f("ck_scan_code_revoked_for_a_reason")
        ),
        sa.CheckConstraint("(ticket_id is null) = (number is not null)", name=op.f("ck_scan_code_places_have_numbers")),
        sa.CheckConstraint("length(token) = 22", name=op.f("ck_scan_code_token_whole")),
        sa.CheckConstraint("replaced_by_id <> id", name=op.f("ck_scan_code_replaced_by_another")),
        sa.CheckConstraint(
            "replaced_by_id is null or revoked_at is not null", name=op.f("ck_scan_code_replaced_is_revoked")
        ),
        sa.CheckConstraint(
            "revoked_by_id is null or revoked_at is not null", name=op.f("ck_scan_code_revoked_by_somebody")
        ),
        sa.CheckConstraint("spot_id is null or ticket_id is null", name=op.f("ck_scan_code_one_target")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_scan_code_made_by_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_scan_code_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["scan_code.id"], name=op.f("fk_scan_code_replaced_by_id_scan_code")
        ),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_scan_code_revoked_by_id_person")),
        sa.ForeignKeyConstraint(["spot_id"], ["spot.id"], name=op.f("fk_scan_code_spot_id_spot")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_scan_code_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_scan_code_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_code")),
        sa.UniqueConstraint("token", name=op.f("uq_scan_code_token")),
    )
    op.create_index("ix_scan_code_neighborhood_id_id", "scan_code", ["neighborhood_id", "id"])
    op.create_index(
        "uq_scan_code_number", "scan_code", ["neighborhood_id", "number"], unique=True, **where("revoked_at is null")
    )
    op.create_index(
        "uq_scan_code_spot",
        "scan_code",
        ["spot_id"],
        unique=True,
        **where("spot_id is not null and revoked_at is null"),
    )
    op.create_index(
        "uq_scan_code_ticket",
        "scan_code",
        ["ticket_id"],
        unique=True,
        **where("ticket_id is not null and revoked_at is null"),
    )
    op.create_index(
        "uq_scan_code_unit",
        "scan_code",
        ["unit_id"],
        unique=True,
        **where("spot_id is null and ticket_id is null and revoked_at is null"),
    )

    op.create_table(
        "code_way",
        sa.Column("code_id", BIG, nullable=False),
        sa.Column("kind", enum("waykind", "image", "link", "scheme"), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=True),
        sa.Column("made_at", TIME, nullable=True),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.CheckConstraint(
            "(kind = 'image' and ends_at is null) or (kind <> 'image' and (ends_at is null) = (value is null))",
            name=op.f("ck_code_way_links_end_pictures_do_not"),
        ),
        sa.CheckConstraint("(value is null) = (made_at is null)", name=op.f("ck_code_way_made_at_some_time")),
        sa.ForeignKeyConstraint(["code_id"], ["scan_code.id"], name=op.f("fk_code_way_code_id_scan_code")),
        sa.PrimaryKeyConstraint("code_id", "kind", name=op.f("pk_code_way")),
    )
    op.create_index("ix_code_way_asked_at", "code_way", ["asked_at", "code_id"])
    channels(BEFORE, (*BEFORE, "code"))


def downgrade() -> None:
    """Take back."""
    op.execute("delete from outbox_message where channel = 'code'")
    channels((*BEFORE, "code"), BEFORE)
    for table in ("code_way", "scan_code", "spot", "code_counter"):
        op.drop_table(table)


def channels(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK of the outbox's channels."""
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column(
            "channel", existing_type=enum("channel", *before), type_=enum("channel", *after), existing_nullable=False
        )
