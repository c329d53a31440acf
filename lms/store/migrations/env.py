"""Alembic's entry. The connection and its transaction come from lms.store.migrate; nothing is configured elsewhere."""

from alembic import context

from lms.store.migrate import is_ours
from lms.store.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,
    include_name=lambda name, kind, parents: is_ours(name, kind),
    user_module_prefix="lms.store.base.",
)
context.run_migrations()
