"""Makes the demo histories named on the command line, or all of them."""

import json
import shutil
import sys
from pathlib import Path

import dbt_step
import workspace
from check import check
from clock import Clock
from runs import History, make_run
from warehouse import DuckDb, Postgres

HERE = Path(__file__).parent
HISTORIES = HERE.parent / "histories"
WAREHOUSES = {"duckdb": DuckDb, "postgres": Postgres, "troubles": DuckDb}


def main(names):
    for name in names or WAREHOUSES:
        make_history(name)


def make_history(name):
    plan = json.loads((HERE / "plans" / f"{name}.json").read_text())
    # Readers see the history that is there until the new one is whole.
    folder = HISTORIES / f".{name}.new"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runs = make_runs(plan, folder, WAREHOUSES[name])
    history = {"name": name, **{key: plan[key] for key in ("account", "project", "environments", "jobs")}, "runs": runs}
    (folder / "history.json").write_text(json.dumps(history, indent=2) + "\n")
    check(folder, runs)
    shutil.rmtree(HISTORIES / name, ignore_errors=True)
    folder.rename(HISTORIES / name)


def make_runs(plan, folder, warehouse_type):
    workspace.create()
    dbt_step.PROFILES.mkdir(exist_ok=True)
    shutil.copy(HERE / "profiles.yml", dbt_step.PROFILES)
    warehouse = warehouse_type()
    try:
        history = History(plan, folder, warehouse, Clock())
        return [make_run(history, run) for run in plan["runs"]]
    finally:
        warehouse.close()
        workspace.remove()
        shutil.rmtree(dbt_step.PROFILES)


if __name__ == "__main__":
    main(sys.argv[1:])
