"""What a publication leaves to do, so that anyone can go on with it; regrades made before become finished rows."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "follow_up",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("since_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.Column("lowered", sa.Integer(), nullable=False),
        sa.Column("newly_passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_follow_up_edition_id_edition")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_follow_up_course_id_course")),
        sa.ForeignKeyConstraint(["since_id"], ["edition.id"], name=op.f("fk_follow_up_since_id_edition")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_follow_up_by_person")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_course_id"), "follow_up", ["course_id"])
    op.create_index(op.f("ix_follow_up_step"), "follow_up", ["step"])
    rows = _earlier()
    if rows:
        op.bulk_insert(table, rows)


def _earlier() -> list[dict[str, Any]]:
    """One finished row for every edition whose attempts were judged again, from the audit log; its last mode counts."""
    found = op.get_bind().execute(
        sa.text("SELECT subject, actor_id, detail FROM audit_entry WHERE action = 'attempt.regrade' ORDER BY id")
    )
    courses = {row.id: row.course_id for row in op.get_bind().execute(sa.text("SELECT id, course_id FROM edition"))}
    rows: dict[int, dict[str, Any]] = {}
    for subject, actor_id, detail in found:
        edition_id, told = int(subject.partition(":")[2]), json.loads(detail)
        before = rows.get(edition_id, {})
        counts = {name: before.get(name, 0) + told[name] for name in ("raised", "lowered", "newly_passed")}
        same = {"edition_id": edition_id, "course_id": courses[edition_id], "since_id": None, "by": actor_id}
        rows[edition_id] = same | counts | {"mode": told["mode"], "step": "done", "after_id": 0}
    return list(rows.values())


def downgrade() -> None:
    op.drop_table("follow_up")
