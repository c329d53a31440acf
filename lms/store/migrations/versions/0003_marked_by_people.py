"""What people mark: markings, files handed in, groups, mentors, anonymous survey answers; and the source of an edition."""

import sqlalchemy as sa
from alembic import op

import lms.store.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FACTS = ("marking", "survey_answer", "edition_source")
CLOSED = "(SELECT state FROM attempt WHERE id = {row}.attempt_id) <> 'open'"
GUARDED = [(table, event, "1 = 1") for table in FACTS for event in ("UPDATE", "DELETE")] + [
    ("upload", "INSERT", CLOSED.format(row="NEW")),
    ("upload", "UPDATE", "1 = 1"),
    ("upload", "DELETE", CLOSED.format(row="OLD")),
]


def upgrade() -> None:
    op.create_table(
        "edition_source",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_source_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_source")),
    )
    op.create_table(
        "marking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("is_peer", sa.Boolean(), nullable=False),
        sa.Column("levels", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marked_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.CheckConstraint("score >= 0", name=op.f("ck_marking_score")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_marking_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_marking_marker_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking")),
    )
    op.create_index("ix_marking_attempt_position", "marking", ["attempt_id", "position"])
    op.create_index(op.f("ix_marking_marker_id"), "marking", ["marker_id"])
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", lms.store.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_upload_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_attempt_position", "upload", ["attempt_id", "position"])
    op.create_index(op.f("ix_upload_sha256"), "upload", ["sha256"])
    op.create_table(
        "group_member",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("member_attempt_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_group_member_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_group_member_person_id_person")),
        sa.ForeignKeyConstraint(["member_attempt_id"], ["attempt.id"], name=op.f("fk_group_member_member_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("attempt_id", "person_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_person_id"), "group_member", ["person_id"])
    op.create_index(op.f("ix_group_member_member_attempt_id"), "group_member", ["member_attempt_id"])
    op.create_table(
        "course_mentor",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_mentor_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_mentor_person_id_person")),
        sa.PrimaryKeyConstraint("course_id", "person_id", name=op.f("pk_course_mentor")),
    )
    op.create_index(op.f("ix_course_mentor_person_id"), "course_mentor", ["person_id"])
    op.create_table(
        "survey_answer",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("quiz_key", sa.String(length=250), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("value", lms.store.base.CanonicalJson(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_survey_answer_course_id_course")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_version.id"], name=op.f("fk_survey_answer_version_id_question_version")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_survey_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_answer_course_quiz", "survey_answer", ["course_id", "quiz_key", "question_id"])
    waiting = sa.text("state = 'submitted'")
    op.create_index("ix_attempt_submitted", "attempt", ["closed_at"], sqlite_where=waiting, postgresql_where=waiting)
    _guard()


def _guard() -> None:
    """What was marked, said or published cannot be changed afterwards; the database itself refuses."""
    for table, event, condition in GUARDED:
        name, message = f"{table}_{event.lower()}_guard", f"{table} is a fact and cannot change"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            continue
        result = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {result}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    op.drop_index("ix_attempt_submitted", table_name="attempt")
    for table in ("survey_answer", "course_mentor", "group_member", "upload", "marking", "edition_source"):
        op.drop_table(table)
        if op.get_bind().dialect.name != "sqlite":
            for _, event, _ in (row for row in GUARDED if row[0] == table):
                op.execute(f"DROP FUNCTION {table}_{event.lower()}_guard()")
