"""Search in lessons: FTS5 on SQLite, a tsvector with GIN on PostgreSQL. Filled by content.search, rebuilt from editions at will."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE TABLE lesson_search_place (id INTEGER PRIMARY KEY, course_id INTEGER NOT NULL, edition_id INTEGER NOT NULL, "
    "item_key VARCHAR(250) NOT NULL, UNIQUE (course_id, item_key))",
    "CREATE VIRTUAL TABLE lesson_search USING fts5(title, body, stems, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
POSTGRES = (  # without fastupdate: its pending list, which every search must read through, cost 600 ms at 3,000 lessons
    "CREATE TABLE lesson_search (course_id INTEGER NOT NULL, edition_id INTEGER NOT NULL, item_key VARCHAR(250) NOT NULL, "
    "words TSVECTOR NOT NULL, PRIMARY KEY (course_id, item_key))",
    "CREATE INDEX ix_lesson_search_words ON lesson_search USING gin (words) WITH (fastupdate = off)",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE lesson_search")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE lesson_search_place")
