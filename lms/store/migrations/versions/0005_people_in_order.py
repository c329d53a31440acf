"""People in order, second factors, requirements, claims, thanks, messages, exports and who looked: the tables of supervisors and
administrators."""

import sqlalchemy as sa
from alembic import op

import lms.store.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FACTS = ("requirement_extension", "claim_decision", "rule_file", "recognition", "data_export", "siasn_export")
"""Written once: the database itself refuses to change or delete a row."""
ADDED = (
    ("account", "second_factor_asked_at"),
    ("audit_entry", "hash"),
    ("person", "siasn_id"),
    ("person", "email"),
    ("person", "wants_email"),
    ("one_time_code", "issued_at"),
    ("one_time_code", "issued_by"),
    ("session", "second_factor_at"),
    ("unit", "code"),
)
TABLES = (
    "acting_head",
    "claim",
    "data_export",
    "data_request",
    "external_identity",
    "message",
    "named_superior",
    "personal_view",
    "privacy_reading",
    "recognition",
    "recovery_code",
    "requirement",
    "rule_file",
    "second_factor",
    "staff_import",
    "unit_operator",
    "claim_decision",
    "claim_file",
    "requirement_extension",
    "requirement_person",
    "staff_import_change",
    "siasn_export",
)


def upgrade() -> None:
    op.create_table(
        "acting_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acting_head_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_acting_head_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_head")),
    )
    op.create_index(op.f("ix_acting_head_person_id"), "acting_head", ["person_id"])
    op.create_index(op.f("ix_acting_head_unit_id"), "acting_head", ["unit_id"])
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("learning_form", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("organizer", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("programme_jp", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("report", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("sent_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["person.id"], name=op.f("fk_claim_partner_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_partner_id"), "claim", ["partner_id"])
    op.create_index(op.f("ix_claim_person_id"), "claim", ["person_id"])
    op.create_index(op.f("ix_claim_state"), "claim", ["state"])
    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("scope_path", sa.String(length=400), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("detail", lms.store.base.CanonicalJson(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_data_export_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )
    op.create_index(op.f("ix_data_export_at"), "data_export", ["at"])
    op.create_index(op.f("ix_data_export_by"), "data_export", ["by"])
    op.create_table(
        "data_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("made_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("answered_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_data_request_answered_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_data_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index(op.f("ix_data_request_answered_at"), "data_request", ["answered_at"])
    op.create_index(op.f("ix_data_request_person_id"), "data_request", ["person_id"])
    op.create_table(
        "external_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_external_identity_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_external_identity_person_id"), "external_identity", ["person_id"])
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("about", sa.String(length=150), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("reason", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("made_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("not_before", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=300), nullable=False),
        sa.Column("read_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("about", name=op.f("uq_message_about")),
    )
    op.create_index("ix_message_person", "message", ["person_id", "state", "read_at"])
    op.create_index("ix_message_waiting", "message", ["state", "not_before"])
    op.create_table(
        "named_superior",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_named_superior_person_id_person")),
        sa.ForeignKeyConstraint(["superior_id"], ["person.id"], name=op.f("fk_named_superior_superior_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_superior")),
    )
    op.create_index(op.f("ix_named_superior_person_id"), "named_superior", ["person_id"])
    op.create_index(op.f("ix_named_superior_superior_id"), "named_superior", ["superior_id"])
    op.create_table(
        "personal_view",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("first_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_personal_view_person_id_person")),
        sa.ForeignKeyConstraint(["viewer_id"], ["person.id"], name=op.f("fk_personal_view_viewer_id_person")),
        sa.PrimaryKeyConstraint("person_id", "viewer_id", "on", "what", name=op.f("pk_personal_view")),
    )
    op.create_table(
        "privacy_reading",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("read_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_privacy_reading_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("pk_privacy_reading")),
    )
    op.create_table(
        "recognition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("giver", sa.String(length=400), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_recognition_course_id_course")),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_recognition_given_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recognition_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition")),
    )
    op.create_index(op.f("ix_recognition_given_by"), "recognition", ["given_by"])
    op.create_index(op.f("ix_recognition_person_id"), "recognition", ["person_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"])
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_category", sa.String(length=20), nullable=True),
        sa.Column("employment_kind", sa.String(length=10), nullable=True),
        sa.Column("position_words", sa.String(length=100), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("ended_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_requirement_course_id_course")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_requirement_made_by_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_requirement_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
    )
    op.create_index(op.f("ix_requirement_course_id"), "requirement", ["course_id"])
    op.create_index(op.f("ix_requirement_made_by"), "requirement", ["made_by"])
    op.create_index(op.f("ix_requirement_unit_id"), "requirement", ["unit_id"])
    op.create_table(
        "rule_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_rule_file_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_file")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_rule_file_name_version")),
    )
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("made_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "staff_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("begun_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("options", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("counts", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("finished_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("undone_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_staff_import_by_person")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_staff_import_undone_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_import")),
    )
    op.create_table(
        "unit_operator",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_unit_operator_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_operator_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "person_id", name=op.f("pk_unit_operator")),
    )
    op.create_index(op.f("ix_unit_operator_person_id"), "unit_operator", ["person_id"])
    op.create_table(
        "claim_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.String(length=1000), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_claim_decision_by_person")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_decision_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_decision")),
    )
    op.create_index(op.f("ix_claim_decision_claim_id"), "claim_decision", ["claim_id"])
    op.create_table(
        "claim_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_file_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_file")),
    )
    op.create_index(op.f("ix_claim_file_claim_id"), "claim_file", ["claim_id"])
    op.create_table(
        "requirement_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_requirement_extension_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_requirement_extension_person_id_person")),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_requirement_extension_requirement_id_requirement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_extension")),
    )
    op.create_index(op.f("ix_requirement_extension_person_id"), "requirement_extension", ["person_id"])
    op.create_index(op.f("ix_requirement_extension_requirement_id"), "requirement_extension", ["requirement_id"])
    op.create_table(
        "requirement_person",
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_requirement_person_person_id_person")),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_requirement_person_requirement_id_requirement")
        ),
        sa.PrimaryKeyConstraint("requirement_id", "person_id", name=op.f("pk_requirement_person")),
    )
    op.create_index(op.f("ix_requirement_person_person_id"), "requirement_person", ["person_id"])
    op.create_table(
        "staff_import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("before", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("after", lms.store.base.CanonicalJson(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["staff_import.id"], name=op.f("fk_staff_import_change_import_id_staff_import")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_import_change")),
    )
    op.create_index(op.f("ix_staff_import_change_import_id"), "staff_import_change", ["import_id"])
    op.create_table(
        "siasn_export",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("siasn_id", sa.String(length=60), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_siasn_export_certificate_id_certificate")),
        sa.ForeignKeyConstraint(["export_id"], ["data_export.id"], name=op.f("fk_siasn_export_export_id_data_export")),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_siasn_export")),
    )
    op.create_index(op.f("ix_siasn_export_export_id"), "siasn_export", ["export_id"])
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"])
    op.add_column("audit_entry", sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
    _link_ledger()
    op.create_index(
        "uq_jp_entry_claim",
        "jp_entry",
        ["claim_id"],
        unique=True,
        sqlite_where=sa.text("corrects_id IS NULL AND claim_id IS NOT NULL"),
        postgresql_where=sa.text("corrects_id IS NULL AND claim_id IS NOT NULL"),
    )
    op.add_column("person", sa.Column("siasn_id", sa.String(length=60), server_default="", nullable=False))
    op.add_column("person", sa.Column("email", sa.String(length=200), server_default="", nullable=False))
    op.add_column("person", sa.Column("wants_email", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index(op.f("ix_person_siasn_id"), "person", ["siasn_id"])
    op.add_column("one_time_code", sa.Column("issued_at", lms.store.base.UtcDateTime(), nullable=True))
    op.add_column("one_time_code", sa.Column("issued_by", sa.Integer(), nullable=True))
    op.add_column("account", sa.Column("second_factor_asked_at", lms.store.base.UtcDateTime(), nullable=True))
    op.add_column("session", sa.Column("second_factor_at", lms.store.base.UtcDateTime(), nullable=True))
    op.add_column("unit", sa.Column("code", sa.String(length=60), server_default="", nullable=False))
    op.create_index(op.f("ix_unit_code"), "unit", ["code"])

    _guard()


def _link_ledger() -> None:
    """A ledger row may name a claim. Added in place: rebuilding the table would drop the triggers that keep its rows."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE jp_entry ADD COLUMN claim_id INTEGER CONSTRAINT fk_jp_entry_claim_id_claim REFERENCES claim (id)")
        return
    op.add_column("jp_entry", sa.Column("claim_id", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_jp_entry_claim_id_claim", "jp_entry", "claim", ["claim_id"], ["id"])


def _guard() -> None:
    for table in FACTS:
        for event in ("UPDATE", "DELETE"):
            name, message = f"{table}_{event.lower()}_guard", f"{table} is a fact and cannot change"
            if op.get_bind().dialect.name == "sqlite":
                op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END")
                continue
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    op.drop_index("uq_jp_entry_claim", table_name="jp_entry")
    _unlink_ledger()
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    for index, table in (("ix_person_siasn_id", "person"), ("ix_unit_code", "unit")):
        op.drop_index(op.f(index), table_name=table)
    for table, column in ADDED:
        op.drop_column(table, column)
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in FACTS:
            for event in ("update", "delete"):
                op.execute(f"DROP FUNCTION {table}_{event}_guard()")


def _unlink_ledger() -> None:
    """SQLite cannot drop a column with a foreign key in place, so the table is built anew and its triggers are put back."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.drop_column("jp_entry", "claim_id")
        return
    wanted = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'jp_entry' ORDER BY name")
    triggers = list(bind.execute(wanted).scalars())
    with op.batch_alter_table("jp_entry") as batch:
        batch.drop_column("claim_id")
    for trigger in triggers:
        op.execute(trigger)
