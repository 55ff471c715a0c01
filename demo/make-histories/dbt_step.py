"""Runs one dbt command at the clock's time and keeps the artifacts that it wrote."""

import gzip
import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

import workspace

ARTIFACTS = ["manifest.json", "run_results.json", "catalog.json", "sources.json"]
PROFILES = Path("/srv/profile")


def run(command, clock, variables):
    """Returns dbt's exit code and the artifacts, by name, that differ from those of the step before."""
    before = _digests()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/srv",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "DBT_PROFILES_DIR": str(PROFILES),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        **clock.environment(),
        **variables,
    }
    done = subprocess.run(shlex.split(command), cwd=workspace.SRV, env=environment, stdout=subprocess.PIPE, text=True)
    _log(command, done)
    after = _digests()
    written = [name for name in ARTIFACTS if name in after and after[name] != before.get(name)]
    return done.returncode, written


def keep(names, folder):
    folder.mkdir(parents=True)
    for name in names:
        content = (workspace.SRV / "target" / name).read_bytes()
        # mtime=0 and no file name, as `gzip -9n` does: the same artifact gives the same file.
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def _digests():
    paths = {name: workspace.SRV / "target" / name for name in ARTIFACTS}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.exists()}


def _log(command, done):
    summary = [line for line in done.stdout.splitlines() if "Done." in line]
    print(f"    {command}: exit {done.returncode} {''.join(summary)[-70:]}", flush=True)
    if os.environ.get("ROASTERY_VERBOSE") or done.returncode == 2:
        print(done.stdout, flush=True)
