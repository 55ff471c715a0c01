"""The two warehouses. Each runs raw SQL for the script and gives dbt what its profile asks for."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

POSTGRES_BIN = Path(os.environ.get("ROASTERY_PG_BIN", "/usr/lib/postgresql/15/bin"))
POSTGRES_USER = os.environ.get("ROASTERY_PG_USER", "nobody")


class DuckDb:
    connection = "DuckDB"

    def __init__(self):
        self._folder = Path("/tmp/roastery-duckdb")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._file = self._folder / "roastery.duckdb"

    def live_at(self, clock):
        """Nothing runs between two calls, so there is no clock to set."""

    def sql(self, text):
        import duckdb

        with duckdb.connect(str(self._file)) as connection:
            connection.execute(text)

    def environment(self):
        return {"ROASTERY_TARGET": "duckdb", "ROASTERY_DUCKDB_PATH": str(self._file)}

    def close(self):
        shutil.rmtree(self._folder)


class Postgres:
    connection = "Postgres"

    def __init__(self):
        self._folder = Path("/tmp/roastery-postgres")
        self._running = False
        self._port = free_port()
        if self._folder.exists():
            self._ctl({}, "stop", "-m", "immediate", check=False)
            shutil.rmtree(self._folder)
        self._folder.mkdir(mode=0o777)
        self._folder.chmod(0o777)
        self._run({}, "initdb", "-D", self._data(), "-U", "roastery", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.live_at(None)
        self._run({}, "createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "roastery", "roastery")

    def live_at(self, clock):
        """Starts the server anew at the clock's time: source freshness asks the server what time it is."""
        environment = clock.environment() if clock else {}
        if self._running:
            self._ctl({}, "stop", "-m", "fast")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c timezone=UTC"
        self._ctl(environment, "start", "-o", options, "-l", str(self._folder / "log"))
        self._running = True

    def sql(self, text):
        self._run({}, "psql", "-h", "127.0.0.1", "-p", str(self._port), "-U", "roastery", "-d", "roastery",
                  "-q", "-v", "ON_ERROR_STOP=1", "-c", text)

    def environment(self):
        return {"ROASTERY_TARGET": "postgres", "ROASTERY_PG_PORT": str(self._port)}

    def close(self):
        self._ctl({}, "stop", "-m", "fast")
        shutil.rmtree(self._folder)

    def _data(self):
        return str(self._folder / "data")

    def _ctl(self, environment, action, *arguments, check=True):
        self._run(environment, "pg_ctl", "-D", self._data(), "-w", action, *arguments, check=check)

    def _run(self, environment, program, *arguments, check=True):
        as_user = ["runuser", "-u", POSTGRES_USER, "--"] if os.geteuid() == 0 else []
        variables = [f"{key}={value}" for key, value in environment.items()]
        command = [*as_user, "env", *variables, str(POSTGRES_BIN / program), *arguments]
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, cwd=self._folder)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
