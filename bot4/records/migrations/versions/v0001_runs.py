"""Schema 1: runs, and the instruments of each.

SQLite files with this schema were written before there were migrations (`PRAGMA user_version = 1`); the statements are theirs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables of schema 1."""
    op.create_table(
        "runs",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("interval_ms", BIG, nullable=False),
        sa.Column("start_ms", BIG, nullable=False),
        sa.Column("end_ms", BIG, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("seed", BIG),
        sa.Column("data_hash", sa.Text, nullable=False),
        sa.Column("stats", sa.Text, nullable=False),
        sa.Column("daily_start_ms", BIG, nullable=False),
        sa.Column("daily_returns", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
    )
    op.create_table(
        "run_instruments",
        sa.Column("run_id", BIG, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("instrument", "run_id"),
        sqlite_with_rowid=False,
    )
