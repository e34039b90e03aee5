"""The tables of the record store (SQLAlchemy Core), the same on SQLite and PostgreSQL.

`runs`: one row for each run. `groups`: sweeps, searches, walk-forwards. `universes`: distinct lists of instruments, stored once
however many runs share one. `trials`: one row for each append, with a number for every run in it: what the count of trials reads,
so that a million runs of sweeps are a thousand rows of eight thousand bytes and not a million rows. `chain`: one signed entry for each
append (package `chain`).

A change of the tables is a new file in `migrations/versions` and the next number in `HEAD`; a test holds that both ways lead to the
same tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from .version import VERSION_TABLE

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""Sixty-four bits on both: SQLite numbers rows only by a column declared INTEGER."""

metadata = MetaData()

groups = Table(
    "groups",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("spec_hash", Text, nullable=False),
    Column("total", BIG, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("updated_ms", BIG, nullable=False),
    Column("command", Text),
    Index("groups_by_spec", "spec_hash"),
)

universes = Table(
    "universes",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("digest", Text, nullable=False),
    UniqueConstraint("digest", name="universes_digest"),
)

universe_instruments = Table(
    "universe_instruments",
    metadata,
    Column("instrument", Text, primary_key=True),
    Column("universe_id", BIG, ForeignKey("universes.id", name="universe_instruments_universe"), primary_key=True),
    Index("universe_instruments_by_universe", "universe_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("at_ms", BIG, nullable=False),
    Column("kind", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("interval_ms", BIG, nullable=False),
    Column("start_ms", BIG, nullable=False),
    Column("end_ms", BIG, nullable=False),
    Column("config", Text, nullable=False),
    Column("seed", BIG),
    Column("data_hash", Text, nullable=False),
    Column("stats", Text, nullable=False),
    Column("daily_start_ms", BIG, nullable=False),
    Column("daily_returns", LargeBinary, nullable=False),
    Column("version", Text, nullable=False),
    Column("group_id", BIG, ForeignKey("groups.id", name="runs_group")),
    Column("ordinal", BIG),
    Column("universe_id", BIG, ForeignKey("universes.id", name="runs_universe"), nullable=False),
    Column("command", Text),
    UniqueConstraint("group_id", "ordinal", name="runs_group_ordinal"),
)

trials = Table(
    "trials",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("universe_id", BIG, ForeignKey("universes.id", name="trials_universe"), nullable=False),
    Column("group_id", BIG, ForeignKey("groups.id", name="trials_group")),
    # What the runs of the row span together, and what every one of them spans; where the two differ, `spans` has each run's own.
    Column("start_ms", BIG, nullable=False),
    Column("end_ms", BIG, nullable=False),
    Column("late_start_ms", BIG, nullable=False),
    Column("early_end_ms", BIG, nullable=False),
    Column("trial_keys", LargeBinary, nullable=False),
    Column("spans", LargeBinary),
    Index("trials_by_universe", "universe_id", "start_ms", "end_ms"),
)

chain = Table(
    "chain",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("at_ms", BIG, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

stamp = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), nullable=False, primary_key=True))
"""Alembic's own table, under a name that other programs in the same database do not use."""
