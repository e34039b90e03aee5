"""Alembic's environment and the versions of the schema; run by `bot4.records.upgrade`, never by hand."""
