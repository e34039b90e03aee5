"""Schema 2: groups of runs, lists of instruments stored once, and the trials counted from compact rows.

Every run of schema 1 keeps its number and its content; its list of instruments becomes a universe, and it becomes a row of `trials`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 1_000


def upgrade() -> None:
    """Makes the new tables, fills them from the runs there are, and ties the runs to them."""
    _make_tables()
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("group_id", BIG))
        table.add_column(sa.Column("ordinal", BIG))
        table.add_column(sa.Column("universe_id", BIG))
        table.add_column(sa.Column("command", sa.Text))
    _fill(op.get_bind())
    with op.batch_alter_table("runs") as table:
        table.alter_column(
            "id", existing_type=BIG, nullable=False
        )  # as SQLAlchemy declares it; SQLite's own files did not
        table.alter_column("universe_id", existing_type=BIG, nullable=False)
        table.create_foreign_key("runs_group", "groups", ["group_id"], ["id"])
        table.create_foreign_key("runs_universe", "universes", ["universe_id"], ["id"])
        table.create_unique_constraint("runs_group_ordinal", ["group_id", "ordinal"])
    op.drop_table("run_instruments")


def _make_tables() -> None:
    op.create_table(
        "groups",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("spec_hash", sa.Text, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("updated_ms", BIG, nullable=False),
        sa.Column("command", sa.Text),
    )
    op.create_index("groups_by_spec", "groups", ["spec_hash"])
    op.create_table(
        "universes",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.UniqueConstraint("digest", name="universes_digest"),
    )
    op.create_table(
        "universe_instruments",
        sa.Column("instrument", sa.Text, primary_key=True),
        sa.Column(
            "universe_id", BIG, sa.ForeignKey("universes.id", name="universe_instruments_universe"), primary_key=True
        ),
    )
    op.create_index("universe_instruments_by_universe", "universe_instruments", ["universe_id"])
    op.create_table(
        "trials",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("universe_id", BIG, sa.ForeignKey("universes.id", name="trials_universe"), nullable=False),
        sa.Column("group_id", BIG, sa.ForeignKey("groups.id", name="trials_group")),
        sa.Column("start_ms", BIG, nullable=False),
        sa.Column("end_ms", BIG, nullable=False),
        sa.Column("late_start_ms", BIG, nullable=False),
        sa.Column("early_end_ms", BIG, nullable=False),
        sa.Column("trial_keys", sa.LargeBinary, nullable=False),
        sa.Column("spans", sa.LargeBinary),
    )
    op.create_index("trials_by_universe", "trials", ["universe_id", "start_ms", "end_ms"])


def _fill(connection: sa.Connection) -> None:
    meta = sa.MetaData()
    runs = sa.Table("runs", meta, autoload_with=connection)
    trials = sa.Table("trials", meta, autoload_with=connection)
    universes: dict[tuple[str, ...], int] = {}
    for batch in _batches(connection, runs):
        names = _instruments(connection, batch[0].id, batch[-1].id)
        ties, rows = [], []
        for run in batch:
            listed = names.get(run.id, ())
            universe = universes.get(listed)
            if universe is None:
                universe = universes[listed] = _make_universe(connection, listed)
            ties.append({"run": run.id, "universe": universe})
            key = hashlib.blake2b(f"{run.identity}\0{run.params}".encode(), digest_size=8).digest()
            whole = {"start_ms": run.start_ms, "end_ms": run.end_ms}
            inner = {"late_start_ms": run.start_ms, "early_end_ms": run.end_ms}
            rows.append({"universe_id": universe, **whole, **inner, "trial_keys": key})
        tied = runs.update().where(runs.c.id == sa.bindparam("run")).values(universe_id=sa.bindparam("universe"))
        connection.execute(tied, ties)
        connection.execute(trials.insert(), rows)


def _batches(connection: sa.Connection, runs: sa.Table) -> Iterator[list[Any]]:
    last = None
    while True:
        query = sa.select(runs.c.id, runs.c.identity, runs.c.params, runs.c.start_ms, runs.c.end_ms)
        if last is not None:
            query = query.where(runs.c.id > last)
        batch = list(connection.execute(query.order_by(runs.c.id).limit(BATCH)))
        if not batch:
            return
        last = batch[-1].id
        yield batch


def _instruments(connection: sa.Connection, first: int, last: int) -> dict[int, tuple[str, ...]]:
    table = sa.table("run_instruments", sa.column("run_id", BIG), sa.column("instrument", sa.Text))
    query = sa.select(table.c.run_id, table.c.instrument).where(table.c.run_id.between(first, last))
    found: dict[int, set[str]] = {}
    for run, name in connection.execute(query):
        found.setdefault(run, set()).add(name)
    return {run: tuple(sorted(names)) for run, names in found.items()}


def _make_universe(connection: sa.Connection, names: tuple[str, ...]) -> int:
    text = json.dumps(list(names), separators=(",", ":"))
    digest = hashlib.blake2b(text.encode(), digest_size=32).hexdigest()
    universes = sa.table("universes", sa.column("id", BIG), sa.column("digest", sa.Text))
    members = sa.table("universe_instruments", sa.column("instrument", sa.Text), sa.column("universe_id", BIG))
    connection.execute(universes.insert().values(digest=digest))
    number = connection.execute(sa.select(universes.c.id).where(universes.c.digest == digest)).scalar_one()
    if names:
        connection.execute(members.insert(), [{"instrument": name, "universe_id": number} for name in names])
    return int(number)
