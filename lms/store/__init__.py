"""Where facts are kept: declarative base, engines for SQLite and PostgreSQL, schema steps."""
