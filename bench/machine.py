"""What the numbers were measured on, without names or places."""

import hashlib
import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

import psycopg

from bench.servers import ROOT

MEASURED = ("app", "config", "models", "services", "wechat", "bench")
PACKAGES = ("flask", "granian", "sqlalchemy", "psycopg", "marshmallow", "orjson")


def code() -> str:
    """Return a fingerprint of the code that is measured: servers start anew for each database, and must not differ."""
    digest = hashlib.sha256()
    for folder in MEASURED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def describe(server: str | None) -> list[str]:
    """Return lines about processor, memory and versions."""
    lines = [
        f"Processor: {_field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores (shared by everything that runs)",
        f"Memory: {int(_field('/proc/meminfo', 'MemTotal').split()[0]) // 1024**2} GiB",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES),
        f"SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)",
    ]
    if server:
        with psycopg.connect(server) as connection:
            row = connection.execute("show server_version").fetchone()
            lines.append(f"PostgreSQL {row[0] if row else '?'} (durable, default settings)")
    return lines


def _field(path: str, name: str) -> str:
    try:
        text = Path(path).read_text()
    except OSError:
        return "0 unknown"
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(name)), "0 unknown")
