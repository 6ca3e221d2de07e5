"""The organization: a dated civil tree, the party tree, bodies, positions, keys, duties, handovers."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.JSON().with_variant(JSONB, "postgresql")
TIME = sa.DateTime(timezone=True)
OLD_ROLES = (
    "resident",
    "repairer",
    "station_clerk",
    "station_manager",
    "grid_leader",
    "community_officer",
    "subdistrict_officer",
    "district_officer",
)
ROLES = (
    "resident",
    "repairer",
    "building_leader",
    "mediator",
    "treasurer",
    "committee_member",
    "council_member",
    "station_clerk",
    "station_manager",
    "grid_leader",
    "party_officer",
    "community_officer",
    "subdistrict_officer",
    "district_officer",
    "professional",
)
END_REASONS = ("term_over", "resigned", "passed_on", "moved_away", "dismissed", "deceased", "mistake")
BEFORE_HISTORY = "2020-01-01 00:00:00.000000+00:00"
TABLES = (
    "conflict_rule",
    "party_level",
    "case_key",
    "committee_rule",
    "committee_term",
    "council_type",
    "former_unit_name",
    "party_org",
    "position",
    "service_domain",
    "station",
    "unit_placement",
    "council",
    "council_type_seat",
    "duty_assignment",
    "neighborhood_domain",
    "party_link",
    "party_placement",
    "position_permission",
    "committee_member",
    "conflict_acceptance",
    "council_seat",
    "handover",
    "handover_item",
)


def enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    """Return the type of a column that holds one of a few words."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the rule that a column holds one of a few words."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    """Apply."""
    new_tables()
    with op.batch_alter_table("org_unit") as batch:
        batch.add_column(sa.Column("starts_at", TIME, nullable=True))
        batch.add_column(sa.Column("closed_at", TIME, nullable=True))
    sqlite = op.get_bind().dialect.name == "sqlite"
    before_history = BEFORE_HISTORY.removesuffix("+00:00") if sqlite else BEFORE_HISTORY
    op.execute(f"update org_unit set starts_at = '{before_history}'")
    op.execute(
        "insert into unit_placement (unit_id, parent_id, starts_at) select id, parent_id, starts_at from org_unit"
    )
    with op.batch_alter_table("org_unit") as batch:
        batch.alter_column("starts_at", existing_type=TIME, nullable=False)
        batch.create_check_constraint(
            op.f("ck_org_unit_closed_after_start"), "closed_at is null or closed_at > starts_at"
        )
        batch.drop_constraint(op.f("uq_org_unit_parent_id_name"), type_="unique")
        batch.create_index("uq_org_unit_live_name", ["parent_id", "name"], unique=True, **where("closed_at is null"))
    with op.batch_alter_table("membership") as batch:
        for name in ("position_id", "appointed_by_id", "ended_by_id"):
            batch.add_column(sa.Column(name, BIG, nullable=True))
        batch.add_column(sa.Column("end_reason", sa.String(32), nullable=True))
        batch.create_check_constraint(op.f("ck_membership_endreason"), one_of("end_reason", END_REASONS))
        batch.create_check_constraint(
            op.f("ck_membership_reason_of_an_end"), "end_reason is null or ends_at is not null"
        )
        for name, table in (("position_id", "position"), ("appointed_by_id", "person"), ("ended_by_id", "person")):
            batch.create_foreign_key(op.f(f"fk_membership_{name}_{table}"), table, [name], ["id"])
        batch.create_index("ix_membership_position_id", ["position_id"])
        batch.drop_constraint(op.f("ck_membership_role"), type_="check")
        batch.create_check_constraint(op.f("ck_membership_role"), one_of("role", ROLES))
        batch.drop_constraint(op.f("ck_membership_residents_have_residencies"), type_="check")
        batch.create_check_constraint(
            op.f("ck_membership_residents_have_residencies"), "role not in ('resident', 'professional')"
        )
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("case_key_id", BIG, nullable=True))
        batch.create_foreign_key(op.f("fk_sign_in_case_key_id_case_key"), "case_key", ["case_key_id"], ["id"])
        batch.create_check_constraint(op.f("ck_sign_in_one_hat"), "membership_id is null or case_key_id is null")


def downgrade() -> None:
    """Take back.  Memberships in roles that were not known before are taken back with their tables."""
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_constraint(op.f("ck_sign_in_one_hat"), type_="check")
        batch.drop_constraint(op.f("fk_sign_in_case_key_id_case_key"), type_="foreignkey")
        batch.drop_column("case_key_id")
    for table in reversed(TABLES):
        if table != "position":
            op.drop_table(table)
    with op.batch_alter_table("membership") as batch:
        for name, table in (("position_id", "position"), ("appointed_by_id", "person"), ("ended_by_id", "person")):
            batch.drop_constraint(op.f(f"fk_membership_{name}_{table}"), type_="foreignkey")
        batch.drop_index("ix_membership_position_id")
        for name in ("role", "residents_have_residencies", "endreason", "reason_of_an_end"):
            batch.drop_constraint(op.f(f"ck_membership_{name}"), type_="check")
        for name in ("position_id", "appointed_by_id", "ended_by_id", "end_reason"):
            batch.drop_column(name)
        batch.create_check_constraint(op.f("ck_membership_residents_have_residencies"), "role <> 'resident'")
        batch.create_check_constraint(op.f("ck_membership_role"), one_of("role", OLD_ROLES))
    op.drop_table("position")
    with op.batch_alter_table("org_unit") as batch:
        batch.drop_index("uq_org_unit_live_name")
        batch.drop_constraint(op.f("ck_org_unit_closed_after_start"), type_="check")
        batch.create_unique_constraint(op.f("uq_org_unit_parent_id_name"), ["parent_id", "name"])
        batch.drop_column("closed_at")
        batch.drop_column("starts_at")


def new_tables() -> None:
    """Make what is new, parents before children."""
    op.create_table(
        "conflict_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("first", sa.String(length=32), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=False),
        sa.Column("within", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("within in ('neighborhood', 'building')", name=op.f("ck_conflict_rule_within_known")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_conflict_rule_until_after_since")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_conflict_rule_code")),
    )
    op.create_table(
        "party_level",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("covers_buildings", sa.Boolean(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_party_level_rank_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_level")),
        sa.UniqueConstraint("code", name=op.f("uq_party_level_code")),
        sa.UniqueConstraint("rank", name=op.f("uq_party_level_rank")),
    )
    op.create_table(
        "case_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=32), nullable=False),
        sa.Column("permissions", JSON, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("given_by_id", BIG, nullable=True),
        sa.Column("given_why", sa.String(length=255), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by_id", BIG, nullable=True),
        sa.Column("withdrawn_why", sa.String(length=255), nullable=True),
        sa.CheckConstraint("subject_kind in ('ticket')", name=op.f("ck_case_key_subject_known")),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_why is null)", name=op.f("ck_case_key_withdrawn_for_a_reason")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_case_key_ends_after_start")),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_case_key_given_by_id_person")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_case_key_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_key_person_id_person")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_case_key_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_key")),
    )
    op.create_index("ix_case_key_neighborhood_id_id", "case_key", ["neighborhood_id", "id"])
    op.create_index("ix_case_key_subject_kind_subject_id", "case_key", ["subject_kind", "subject_id"])
    op.create_index(
        "uq_case_key_open",
        "case_key",
        ["person_id", "subject_kind", "subject_id"],
        unique=True,
        **where("withdrawn_at is null"),
    )
    op.create_table(
        "committee_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("kind", enum("committeekind", ("owners", "interim")), nullable=False),
        sa.Column("usual_years", sa.Integer(), nullable=False),
        sa.Column("most_years", sa.Integer(), nullable=False),
        sa.Column("least_members", sa.Integer(), nullable=False),
        sa.Column("most_members", sa.Integer(), nullable=False),
        sa.Column("odd", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.CheckConstraint("least_members between 1 and most_members", name=op.f("ck_committee_rule_members")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_committee_rule_until_after_since")),
        sa.CheckConstraint("usual_years between 1 and most_years", name=op.f("ck_committee_rule_years")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_committee_rule_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_rule")),
    )
    op.create_index("ix_committee_rule_kind", "committee_rule", ["kind", "neighborhood_id"])
    op.create_table(
        "committee_term",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("kind", enum("term_kind", ("owners", "interim")), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("planned_ends_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=255), nullable=False),
        sa.Column("end_note", sa.String(length=255), nullable=True),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_committee_term_ends_after_start")),
        sa.CheckConstraint("number > 0", name=op.f("ck_committee_term_number_positive")),
        sa.CheckConstraint("planned_ends_on >= ends_on", name=op.f("ck_committee_term_ends_as_planned_or_before")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_committee_term_seats_positive")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_committee_term_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_term")),
        sa.UniqueConstraint(
            "neighborhood_id", "kind", "number", name=op.f("uq_committee_term_neighborhood_id_kind_number")
        ),
    )
    op.create_index("ix_committee_term_neighborhood_id_starts_on", "committee_term", ["neighborhood_id", "starts_on"])
    op.create_table(
        "council_type",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=255), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_council_type_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_council_type_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_type")),
    )
    op.create_index(
        "uq_council_type_own_name", "council_type", ["neighborhood_id", "name"], unique=True, **where("ends_at is null")
    )
    op.create_index(
        "uq_council_type_shared_name",
        "council_type",
        ["name"],
        unique=True,
        **where("ends_at is null and neighborhood_id is null"),
    )
    op.create_table(
        "former_unit_name",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_former_unit_name_ends_after_start")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_former_unit_name_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_unit_name")),
        sa.UniqueConstraint("unit_id", "ends_at", name=op.f("uq_former_unit_name_unit_id_ends_at")),
    )
    op.create_index("ix_former_unit_name_name", "former_unit_name", ["name"])
    op.create_table(
        "party_org",
        sa.Column("id", BIG, nullable=False),
        sa.Column("level_id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint("closed_at is null or closed_at > starts_at", name=op.f("ck_party_org_closed_after_start")),
        sa.ForeignKeyConstraint(["level_id"], ["party_level.id"], name=op.f("fk_party_org_level_id_party_level")),
        sa.ForeignKeyConstraint(["parent_id"], ["party_org.id"], name=op.f("fk_party_org_parent_id_party_org")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_party_org_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_org")),
        sa.UniqueConstraint("path", name=op.f("uq_party_org_path")),
    )
    op.create_index("ix_party_org_path", "party_org", ["path"], postgresql_ops={"path": "text_pattern_ops"})
    op.create_index(op.f("ix_party_org_unit_id"), "party_org", ["unit_id"])
    op.create_index(
        "uq_party_org_live_name", "party_org", ["parent_id", "name"], unique=True, **where("closed_at is null")
    )
    op.create_table(
        "position",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("title", sa.String(length=32), nullable=False),
        sa.Column("base_role", enum("role", ROLES), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint(
            "base_role not in ('resident', 'professional')", name=op.f("ck_position_base_role_is_held_at_a_node")
        ),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_position_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_position_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index(
        "uq_position_own_title", "position", ["neighborhood_id", "title"], unique=True, **where("ends_at is null")
    )
    op.create_index(
        "uq_position_shared_title",
        "position",
        ["title"],
        unique=True,
        **where("ends_at is null and neighborhood_id is null"),
    )
    op.create_table(
        "service_domain",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_service_domain_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_domain")),
        sa.UniqueConstraint("code", name=op.f("uq_service_domain_code")),
    )
    op.create_index(op.f("ix_service_domain_neighborhood_id"), "service_domain", ["neighborhood_id"])
    op.create_table(
        "station",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("hours", sa.String(length=128), nullable=True),
        sa.Column("place", sa.String(length=128), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_station_ends_after_start")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_station_neighborhood_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    op.create_index("uq_station_name", "station", ["neighborhood_id", "name"], unique=True, **where("ends_at is null"))
    op.create_table(
        "unit_placement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_unit_placement_ends_after_start")),
        sa.ForeignKeyConstraint(["parent_id"], ["org_unit.id"], name=op.f("fk_unit_placement_parent_id_org_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_unit_placement_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_placement")),
        sa.UniqueConstraint("unit_id", "starts_at", name=op.f("uq_unit_placement_unit_id_starts_at")),
    )
    op.create_index("ix_unit_placement_parent_id", "unit_placement", ["parent_id"])
    op.create_index("uq_unit_placement_open", "unit_placement", ["unit_id"], unique=True, **where("ends_at is null"))
    op.create_table(
        "council",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("type_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_council_ends_after_start")),
        sa.ForeignKeyConstraint(["neighborhood_id"], ["org_unit.id"], name=op.f("fk_council_neighborhood_id_org_unit")),
        sa.ForeignKeyConstraint(["type_id"], ["council_type.id"], name=op.f("fk_council_type_id_council_type")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_council_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council")),
    )
    op.create_index("ix_council_neighborhood_id", "council", ["neighborhood_id"])
    op.create_index("uq_council_type", "council", ["unit_id", "type_id"], unique=True, **where("ends_at is null"))
    op.create_table(
        "council_type_seat",
        sa.Column("type_id", BIG, nullable=False),
        sa.Column("organization", sa.String(length=64), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats > 0", name=op.f("ck_council_type_seat_seats_positive")),
        sa.ForeignKeyConstraint(
            ["type_id"], ["council_type.id"], name=op.f("fk_council_type_seat_type_id_council_type")
        ),
        sa.PrimaryKeyConstraint("type_id", "organization", name=op.f("pk_council_type_seat")),
    )
    op.create_table(
        "duty_assignment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("domain_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("assigned_by_id", BIG, nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_duty_assignment_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["person.id"], name=op.f("fk_duty_assignment_assigned_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["service_domain.id"], name=op.f("fk_duty_assignment_domain_id_service_domain")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_duty_assignment_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_assignment_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_assignment")),
    )
    op.create_index("ix_duty_assignment_person_id", "duty_assignment", ["person_id"])
    op.create_index(
        "uq_duty_assignment_current",
        "duty_assignment",
        ["neighborhood_id", "domain_id", "person_id"],
        unique=True,
        **where("ends_at is null"),
    )
    op.create_table(
        "neighborhood_domain",
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("domain_id", BIG, nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["service_domain.id"], name=op.f("fk_neighborhood_domain_domain_id_service_domain")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_neighborhood_domain_neighborhood_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("neighborhood_id", "domain_id", name=op.f("pk_neighborhood_domain")),
    )
    op.create_table(
        "party_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("party_org_id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("home_id", BIG, nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("(unit_id is null) <> (home_id is null)", name=op.f("ck_party_link_unit_or_home")),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_party_link_ends_after_start")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_party_link_home_id_home")),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_party_link_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["party_org_id"], ["party_org.id"], name=op.f("fk_party_link_party_org_id_party_org")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_party_link_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_link")),
    )
    op.create_index(op.f("ix_party_link_neighborhood_id"), "party_link", ["neighborhood_id"])
    op.create_index("ix_party_link_unit_id", "party_link", ["unit_id"])
    op.create_index("uq_party_link_home", "party_link", ["home_id"], unique=True, **where("ends_at is null"))
    op.create_index(
        "uq_party_link_unit", "party_link", ["party_org_id", "unit_id"], unique=True, **where("ends_at is null")
    )
    op.create_table(
        "party_placement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("party_org_id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_party_placement_ends_after_start")),
        sa.ForeignKeyConstraint(["parent_id"], ["party_org.id"], name=op.f("fk_party_placement_parent_id_party_org")),
        sa.ForeignKeyConstraint(
            ["party_org_id"], ["party_org.id"], name=op.f("fk_party_placement_party_org_id_party_org")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_placement")),
        sa.UniqueConstraint("party_org_id", "starts_at", name=op.f("uq_party_placement_party_org_id_starts_at")),
    )
    op.create_index(
        "uq_party_placement_open", "party_placement", ["party_org_id"], unique=True, **where("ends_at is null")
    )
    op.create_table(
        "position_permission",
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("permission", sa.String(length=64), nullable=False),
        sa.Column("is_added", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_position_permission_position_id_position")
        ),
        sa.PrimaryKeyConstraint("position_id", "permission", name=op.f("pk_position_permission")),
    )
    op.create_table(
        "committee_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=False),
        sa.Column("term_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("post", enum("committeepost", ("chair", "vice_chair", "member")), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("end_reason", enum("member_end_reason", END_REASONS), nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_committee_member_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_committee_member_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_committee_member_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_committee_member_person_id_person")),
        sa.ForeignKeyConstraint(
            ["term_id"], ["committee_term.id"], name=op.f("fk_committee_member_term_id_committee_term")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
    )
    op.create_index("ix_committee_member_membership_id", "committee_member", ["membership_id"])
    op.create_index(op.f("ix_committee_member_neighborhood_id"), "committee_member", ["neighborhood_id"])
    op.create_index(
        "uq_committee_member_chair",
        "committee_member",
        ["term_id"],
        unique=True,
        **where("end_reason is null and post = 'chair'"),
    )
    op.create_index(
        "uq_committee_member_person",
        "committee_member",
        ["term_id", "person_id"],
        unique=True,
        **where("end_reason is null"),
    )
    op.create_table(
        "conflict_acceptance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("accepted_by_id", BIG, nullable=True),
        sa.Column("accepted_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_conflict_acceptance_accepted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_conflict_acceptance_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["conflict_rule.id"], name=op.f("fk_conflict_acceptance_rule_id_conflict_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_acceptance")),
        sa.UniqueConstraint("membership_id", "rule_id", name=op.f("uq_conflict_acceptance_membership_id_rule_id")),
    )
    op.create_index(op.f("ix_conflict_acceptance_rule_id"), "conflict_acceptance", ["rule_id"])
    op.create_table(
        "council_seat",
        sa.Column("id", BIG, nullable=False),
        sa.Column("council_id", BIG, nullable=False),
        sa.Column("organization", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name=op.f("ck_council_seat_ends_after_start")),
        sa.ForeignKeyConstraint(["council_id"], ["council.id"], name=op.f("fk_council_seat_council_id_council")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_council_seat_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_council_seat_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_seat")),
    )
    op.create_index("ix_council_seat_membership_id", "council_seat", ["membership_id"])
    op.create_index(
        "uq_council_seat_person", "council_seat", ["council_id", "person_id"], unique=True, **where("ends_at is null")
    )
    op.create_table(
        "handover",
        sa.Column("id", BIG, nullable=False),
        sa.Column("neighborhood_id", BIG, nullable=True),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("from_person_id", BIG, nullable=False),
        sa.Column("to_person_id", BIG, nullable=True),
        sa.Column("reason", enum("handover_reason", END_REASONS), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint(
            "to_person_id is null or to_person_id <> from_person_id", name=op.f("ck_handover_between_two")
        ),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_handover_from_person_id_person")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_handover_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(
            ["neighborhood_id"], ["org_unit.id"], name=op.f("fk_handover_neighborhood_id_org_unit")
        ),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_handover_to_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_handover_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_handover_membership_id")),
    )
    op.create_index("ix_handover_from_person_id", "handover", ["from_person_id"])
    op.create_index("ix_handover_to_person_id", "handover", ["to_person_id"])
    op.create_index("ix_handover_unit_id", "handover", ["unit_id"])
    op.create_table(
        "handover_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("handover_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("text", sa.String(length=128), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=True),
        sa.Column("ticked_at", TIME, nullable=True),
        sa.Column("ticked_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(confirmed_at is null) = (confirmed_by_id is null)", name=op.f("ck_handover_item_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "(ticked_at is null) = (ticked_by_id is null)", name=op.f("ck_handover_item_ticked_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_handover_item_confirmed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_item_handover_id_handover")),
        sa.ForeignKeyConstraint(["ticked_by_id"], ["person.id"], name=op.f("fk_handover_item_ticked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_item")),
        sa.UniqueConstraint(
            "handover_id",
            "subject_kind",
            "subject_id",
            name=op.f("uq_handover_item_handover_id_subject_kind_subject_id"),
        ),
    )
