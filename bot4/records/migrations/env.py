"""Runs the versions on the connection that `bot4.records.upgrade` hands over, within its transaction."""

from __future__ import annotations

from alembic import context

from bot4.records.version import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
