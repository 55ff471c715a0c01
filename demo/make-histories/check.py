"""Checks of a finished history: files as listed, times inside their steps, nothing that names this machine."""

import gzip
import json
import re
import socket

MACHINE = re.compile(r"/(tmp|root|home)/|" + re.escape(socket.gethostname()))


def check(folder, runs):
    for run in runs:
        in_order(run["id"], *(run[key] for key in ("created_at", "dequeued_at", "started_at", "finished_at")))
        for step in run["steps"]:
            in_order(run["id"], run["started_at"], step["started_at"], step["finished_at"], run["finished_at"])
            check_step(folder / "runs" / str(run["id"]) / str(step["index"]), run, step)


def check_step(folder, run, step):
    kept = {path.name for path in folder.glob("*")}
    require(kept == {f"{name}.gz" for name in step["artifacts"]}, f"{folder} holds other files than history.json lists")
    for name in step["artifacts"]:
        text = gzip.decompress((folder / f"{name}.gz").read_bytes()).decode()
        metadata = json.loads(text)["metadata"]
        in_order(f"{folder}/{name}", step["started_at"], metadata["generated_at"], step["finished_at"])
        require(metadata["env"]["DBT_CLOUD_RUN_ID"] == str(run["id"]), f"{folder}/{name} is of another run")
        require(not MACHINE.search(text), f"{folder}/{name} names this machine")


def in_order(where, *moments):
    require(list(moments) == sorted(moments), f"{where}: times out of order: {moments}")


def require(holds, message):
    if not holds:
        raise SystemExit(message)
