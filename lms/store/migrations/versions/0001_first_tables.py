"""First tables: people, courses, attempts, progress, certificates, audit."""

import sqlalchemy as sa
from alembic import op

import lms.store.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_certificate_counter")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("current_edition_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["current_edition_id"], ["edition.id"], name=op.f("fk_course_current_edition_id_edition"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("key", name=op.f("uq_course_key")),
    )
    op.create_table(
        "media",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_media")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nip", sa.String(length=18), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title_prefix", sa.String(length=60), nullable=False),
        sa.Column("title_suffix", sa.String(length=100), nullable=False),
        sa.Column("employment_kind", sa.String(length=10), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("nip IS NULL OR length(nip) = 18", name=op.f("ck_person_nip_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("nip", name=op.f("uq_person_nip")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_name"), ["name"], unique=False)

    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", lms.store.base.CanonicalJson(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("blocked_until", lms.store.base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_throttle")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["head_id"], ["person.id"], name=op.f("fk_unit_head_id_person"), use_alter=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_head_id"), ["head_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "account",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("disabled_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("identifier", name=op.f("uq_account_identifier")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", lms.store.base.CanonicalJson(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_entry_actor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)

    op.create_table(
        "bookmark",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=250), nullable=False),
        sa.Column("heading", sa.String(length=120), nullable=False),
        sa.Column("set_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_bookmark_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bookmark_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "course_id", name=op.f("pk_bookmark")),
    )
    with op.batch_alter_table("bookmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bookmark_set_at"), ["set_at"], unique=False)

    op.create_table(
        "course_alias",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_alias_course_id_course")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_course_alias")),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("outline", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("questions", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("published_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_edition_course_id_course")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_edition_published_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("course_id", "number", "revision", name=op.f("uq_edition_course_id_number_revision")),
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index("ix_edition_sha256", ["sha256"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("edition_number", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("person_id", "course_id", name=op.f("uq_enrolment_person_id_course_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_course_id", ["course_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_membership_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_person_id", ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_membership_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        )

    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("used_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_one_time_code_code_hash")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "question_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("full_hash", sa.String(length=64), nullable=False),
        sa.Column("meaning_hash", sa.String(length=64), nullable=False),
        sa.Column("public", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("key", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("published_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_question_version_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_version")),
        sa.UniqueConstraint(
            "course_id", "question_id", "full_hash", name=op.f("uq_question_version_course_id_question_id_full_hash")
        ),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_role_grant_person_id_role")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("csrf_secret", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("authenticated_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("ended_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("quiz_key", sa.String(length=250), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("deadline_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("closed_at", lms.store.base.UtcDateTime(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'submitted', 'graded', 'expired', 'voided')", name=op.f("ck_attempt_state")),
        sa.CheckConstraint("score IS NULL OR (score >= 0 AND score <= 10000)", name=op.f("ck_attempt_score")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_attempt_course_id_course")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_attempt_edition_id_edition")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "person_id", "course_id", "quiz_key", "try_number", name=op.f("uq_attempt_person_id_course_id_quiz_key_try_number")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_attempt_token")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "uq_attempt_open",
            ["person_id", "course_id", "quiz_key"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("issued_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("snapshot", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_certificate_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("enrolment_id", "issue", name=op.f("uq_certificate_enrolment_id_issue")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_certificate_year_sequence")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_person_id"), ["person_id"], unique=False)

    op.create_table(
        "completion",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("completed_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("final_score", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_completion_edition_id_edition")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_completion_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_completion")),
    )
    op.create_table(
        "edition_media",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_media_edition_id_edition")),
        sa.ForeignKeyConstraint(["sha256"], ["media.sha256"], name=op.f("fk_edition_media_sha256_media")),
        sa.PrimaryKeyConstraint("edition_id", "name", "sha256", name=op.f("pk_edition_media")),
    )
    op.create_table(
        "enrolment_summary",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("minutes_left", sa.Integer(), nullable=False),
        sa.Column("next_key", sa.String(length=250), nullable=False),
        sa.Column("last_activity_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("percent >= 0 AND percent <= 100", name=op.f("ck_enrolment_summary_percent")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_summary_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_enrolment_summary")),
    )
    op.create_table(
        "inline_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("value", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("is_correct", sa.Boolean(), nullable=False),
        sa.Column("answered_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_inline_answer_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inline_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_version.id"], name=op.f("fk_inline_answer_version_id_question_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inline_answer")),
    )
    with op.batch_alter_table("inline_answer", schema=None) as batch_op:
        batch_op.create_index("ix_inline_answer_person_course", ["person_id", "course_id", "question_id"], unique=False)

    op.create_table(
        "jp_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("learning_form", sa.Integer(), nullable=False),
        sa.Column("jp", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("completed_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("minutes_per_jp", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_jp_entry_author_id_person")),
        sa.ForeignKeyConstraint(["corrects_id"], ["jp_entry.id"], name=op.f("fk_jp_entry_corrects_id_jp_entry")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_jp_entry_edition_id_edition")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_jp_entry_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_jp_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jp_entry")),
    )
    with op.batch_alter_table("jp_entry", schema=None) as batch_op:
        batch_op.create_index("ix_jp_entry_person_year", ["person_id", "year"], unique=False)
        batch_op.create_index(
            "uq_jp_entry_award",
            ["enrolment_id"],
            unique=True,
            sqlite_where=sa.text("corrects_id IS NULL AND enrolment_id IS NOT NULL"),
            postgresql_where=sa.text("corrects_id IS NULL AND enrolment_id IS NOT NULL"),
        )

    op.create_table(
        "lesson_done",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("lesson_key", sa.String(length=250), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("done_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_lesson_done_edition_id_edition")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lesson_done_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("enrolment_id", "lesson_key", name=op.f("pk_lesson_done")),
    )
    op.create_table(
        "page",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=250), nullable=False),
        sa.Column("page", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_page_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", "item_key", name=op.f("pk_page")),
    )
    op.create_table(
        "answer",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("saved_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_answer_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_answer")),
    )
    op.create_table(
        "attempt_question",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("layout", lms.store.base.CanonicalJson(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_question_attempt_id_attempt")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_version.id"], name=op.f("fk_attempt_question_version_id_question_version")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_attempt_question")),
        sa.UniqueConstraint("attempt_id", "question_id", name=op.f("uq_attempt_question_attempt_id_question_id")),
    )
    op.create_table(
        "certificate_revocation",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_certificate_revocation_by_person")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_revocation_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_revocation")),
    )
    op.create_table(
        "late_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("received_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_late_answer_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_answer")),
    )
    with op.batch_alter_table("late_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_late_answer_attempt_id"), ["attempt_id"], unique=False)

    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", lms.store.base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_regrade_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_regrade_by_person")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_regrade_edition_id_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    with op.batch_alter_table("regrade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regrade_attempt_id"), ["attempt_id"], unique=False)

    op.create_table(
        "tested_out",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("module_key", sa.String(length=250), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("accepted_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_tested_out_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_tested_out_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("enrolment_id", "module_key", name=op.f("pk_tested_out")),
    )
    _guard_facts()


def downgrade() -> None:
    raise RuntimeError("the first step has nothing before it: delete the database instead")


FACTS = (
    "edition",
    "page",
    "question_version",
    "attempt_question",
    "late_answer",
    "regrade",
    "inline_answer",
    "lesson_done",
    "tested_out",
    "completion",
    "jp_entry",
    "certificate",
    "certificate_revocation",
    "audit_entry",
)
GUARDED = (
    # table, event, condition under which the row may NOT change
    ("attempt", "UPDATE", "OLD.state NOT IN ('open', 'submitted') AND NEW.state <> 'voided'"),
    ("attempt", "DELETE", "OLD.state <> 'open'"),
    ("answer", "INSERT", "(SELECT state FROM attempt WHERE id = NEW.attempt_id) <> 'open'"),
    ("answer", "UPDATE", "(SELECT state FROM attempt WHERE id = OLD.attempt_id) <> 'open'"),
    ("answer", "DELETE", "(SELECT state FROM attempt WHERE id = OLD.attempt_id) <> 'open'"),
)


def _guard_facts() -> None:
    """Facts are written once: the database itself refuses to change them."""
    rules = [(table, event, "1 = 1") for table in FACTS for event in ("UPDATE", "DELETE")] + list(GUARDED)
    if op.get_bind().dialect.name == "sqlite":
        for table, event, condition in rules:
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()}_guard BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is a fact and cannot change'); END"
            )
        return
    op.create_foreign_key(op.f("fk_course_current_edition_id_edition"), "course", "edition", ["current_edition_id"], ["id"])
    op.create_foreign_key(op.f("fk_unit_head_id_person"), "unit", "person", ["head_id"], ["id"])
    for table, event, condition in rules:
        name = f"{table}_{event.lower()}_guard"
        result = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{table} is a fact and cannot change' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {result}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
