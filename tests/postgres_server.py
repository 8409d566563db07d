"""A PostgreSQL server of Debian's packages, for tests: its data in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")
PASSWORDS = "local all locked scram-sha-256\n"
"""In front of pg_hba.conf: this role has to give one, others do not."""


def programs() -> Path | None:
    """The folder of `initdb`, of the newest version that is there."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found and (beside := shutil.which("initdb")):
        return Path(beside).resolve().parent
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class PostgresServer:
    """Started at once; `stop` and `start` as often as wanted."""

    def __init__(self, bin: Path) -> None:
        self.bin = bin
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # who is root may not run it
            name = next(user for user in ("postgres", "nobody") if user in {entry.pw_name for entry in pwd.getpwall()})
            self._as = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
            shutil.chown(self.folder, name)
        self._run(
            "initdb", "--auth=trust", "--username=tests", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", str(self.data)
        )
        hba = self.data / "pg_hba.conf"
        hba.write_text(PASSWORDS + hba.read_text())
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str, text: str | None = None) -> str:
        """As the server's user."""
        command = [str(self.bin / program), *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, input=text, capture_output=True, text=True, cwd="/", check=False, **self._as
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str = "postgres", user: str = "tests") -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def sql(self, text: str, database: str = "postgres") -> str:
        """What `psql` prints for it, without heads and feet."""
        return self._run(
            "psql", "-h", str(self.folder), "-U", "tests", "-qAtX", "-v", "ON_ERROR_STOP=1", database, text=text
        ).strip()

    def dump(self, database: str, schema: str) -> str:
        """What brings the schema back, by `psql`."""
        return self._run("pg_dump", "-h", str(self.folder), "-U", "tests", "--schema", schema, database)


def saved_catalogs(url: str) -> Callable[[], None]:
    """Copies all catalogs of a database, beside them; what is returned brings them back, and drops others."""
    import psycopg

    address = url.replace("+psycopg", "")
    ours = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^rag_[0-9a-f]{16}$'"
    with psycopg.connect(address, autocommit=True) as connection:
        known = {schema: _tables(connection, schema) for (schema,) in connection.execute(ours).fetchall()}
        for schema, tables in known.items():
            connection.execute(f"CREATE SCHEMA {schema}_before")
            for table in tables:
                connection.execute(f"CREATE TABLE {schema}_before.{table} AS TABLE {schema}.{table}")

    def put_back() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            for (schema,) in connection.execute(ours).fetchall():
                if schema not in known:
                    connection.execute(f"DROP SCHEMA {schema} CASCADE")
            for schema, tables in known.items():
                for table in tables:
                    connection.execute(f"DELETE FROM {schema}.{table}")
                    connection.execute(f"INSERT INTO {schema}.{table} TABLE {schema}_before.{table}")

    return put_back


def _tables(connection: Any, schema: str) -> list[str]:
    return [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()]
