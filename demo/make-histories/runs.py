"""One run of a job: what happens before it, its steps, and its entry in history.json."""

import string
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dbt_step
import workspace
from clock import Clock, parse, stamp
from warehouse import DuckDb, Postgres

DATA = Path(__file__).parent / "data"
# Raw rows get their keys by counting days from here.
FIRST_DAY = date(2026, 10, 27)
SUCCESS, ERROR, CANCELLED = 10, 20, 30
FRESHNESS, DOCS, RETRY = "dbt source freshness", "dbt docs generate", "dbt retry"


@dataclass
class History:
    plan: dict
    folder: Path
    warehouse: DuckDb | Postgres
    clock: Clock


def make_run(history, run):
    print(f"run {run['id']} {run['at']} {run['title']}", flush=True)
    job = next(job for job in history.plan["jobs"] if job["id"] == run["job_id"])
    before_the_run = workspace.files()
    prepare(history.warehouse, run, run.get("before", []))
    history.clock.set(parse(run["at"]))
    entry = queued(history, run, job)
    entry["steps"] = built_in_steps(history, run)
    if "stops" not in run:
        entry["steps"] += dbt_steps(history, run, job)
    entry["status"] = status_of(run, entry["steps"])
    history.clock.skip(2.5)
    entry["finished_at"] = stamp(history.clock.now())
    if entry["git_branch"] != "main":
        workspace.restore(before_the_run)
    return entry


def queued(history, run, job):
    entry = {
        "id": run["id"],
        "job_id": job["id"],
        "environment_id": job["environment_id"],
        "status": None,
        "cause_category": run["cause_category"],
        "cause": run["cause"],
        "title": run["title"],
        "git_sha": workspace.git_sha(),
        "git_branch": run.get("git_branch", "main"),
        "dbt_version": history.plan["dbt_version"],
    }
    for key, seconds in (("created_at", 4.2), ("dequeued_at", 1.7), ("started_at", 0.4)):
        entry[key] = stamp(history.clock.now())
        history.clock.skip(seconds)
    return {**entry, "finished_at": None}


def status_of(run, steps):
    """Freshness and docs are boxes ticked on the job: the platform does not fail a run over them."""
    if run.get("stops") == "cancelled":
        return CANCELLED
    boxes = {step_name(FRESHNESS), step_name(DOCS)}
    return ERROR if any(step["status"] == ERROR and step["name"] not in boxes for step in steps) else SUCCESS


def built_in_steps(history, run):
    """The platform's own steps. A run that stops at the clone has that step alone, as failed."""
    connection = history.warehouse.connection
    names = ["Clone Git Repository", f"Create Profile from Connection {connection}", step_name("dbt deps")]
    if run.get("stops") == "clone":
        return [built_in_step(history.clock, 1, names[0], ERROR)]
    return [built_in_step(history.clock, index, name, SUCCESS) for index, name in enumerate(names, start=1)]


def built_in_step(clock, index, name, status):
    started = clock.now()
    clock.skip(1.1 + index * 0.7)
    finished = clock.now()
    clock.skip(0.3)
    return step_entry(index, name, status, started, finished, [])


def dbt_steps(history, run, job):
    """Runs the job's dbt commands. A failed one is the last, unless it is a box or a retry follows."""
    history.warehouse.live_at(history.clock)
    workspace.fresh_clone()
    variables = {**history.warehouse.environment(), **platform_variables(history.plan, job, run)}
    commands = commands_of(job)
    steps = []
    for index, (command, following) in enumerate(zip(commands, [*commands[1:], None]), start=4):
        prepare(history.warehouse, run, run.get("between", {}).get(command, []))
        steps.append(dbt_command(history, index, command, variables))
        dbt_step.keep(steps[-1]["artifacts"], history.folder / "runs" / str(run["id"]) / str(index))
        may_fail = command in (FRESHNESS, DOCS) or following == RETRY
        if steps[-1]["status"] == ERROR and not may_fail:
            break
    return steps


def dbt_command(history, index, command, variables):
    started = history.clock.now()
    code, written = dbt_step.run(command, history.clock, variables)
    finished = history.clock.now()
    history.clock.skip(1.3)
    return step_entry(index, step_name(command), ERROR if code else SUCCESS, started, finished, written)


def step_name(command):
    return f"Invoke dbt with `{command}`"


def step_entry(index, name, status, started, finished, artifacts):
    return {
        "index": index,
        "name": name,
        "status": status,
        "started_at": stamp(started),
        "finished_at": stamp(finished),
        "artifacts": artifacts,
    }


def commands_of(job):
    first = [FRESHNESS] if job["run_generate_sources"] else []
    last = [DOCS] if job["generate_docs"] else []
    return [*first, *job["execute_steps"], *last]


def platform_variables(plan, job, run):
    """What dbt's platform sets for every invocation; dbt copies it into metadata.env."""
    facts = {
        "ACCOUNT_ID": plan["account"]["id"],
        "PROJECT_ID": plan["project"]["id"],
        "ENVIRONMENT_ID": job["environment_id"],
        "JOB_ID": job["id"],
        "RUN_ID": run["id"],
        "RUN_REASON": run["cause"],
        "RUN_REASON_CATEGORY": run["cause_category"],
        "RUN_TRIGGER_CATEGORY": run["cause_category"],
    }
    variables = {f"DBT_ENV_CUSTOM_ENV_DBT_CLOUD_{name}": str(value) for name, value in facts.items()}
    return {**variables, "ROASTERY_SCHEMA": run.get("schema", "analytics")}


def prepare(warehouse, run, actions):
    """Actions: `overlay NAME`, `sql NAME`, `load SOURCE [FIRST_DAY]`, which loads every day up to the run's own."""
    moment = parse(run["at"])
    for action in actions:
        kind, name, *rest = action.split()
        if kind == "overlay":
            workspace.overlay(name)
        elif kind == "load":
            first = date.fromisoformat(rest[0]) if rest else moment.date()
            for days in range((moment.date() - first).days + 1):
                run_script(warehouse, f"load_{name}", first + timedelta(days=days), moment)
        else:
            run_script(warehouse, name, moment.date(), moment)


def run_script(warehouse, name, day, moment):
    """Runs a script of raw data. What it loads counts as loaded 50 minutes before the run."""
    loaded_at = (moment - timedelta(minutes=50)).strftime("%Y-%m-%d %H:%M:%S")
    text = string.Template((DATA / f"{name}.sql").read_text())
    warehouse.sql(text.substitute(day=day, n=(day - FIRST_DAY).days, loaded_at=loaded_at))
