"""Importing a module does nothing: no connection, no engine, client, settings or task appears."""

import json
import subprocess
import sys

from tests.architecture.sources import ROOT, sources

# Runs in a process of its own, where nothing else has been imported yet.
PROBE = """
import gc, importlib, json, socket, sys, threading

def refuse(*args, **kwargs):
    raise AssertionError("a socket was used while modules were imported")

for name in ("connect", "connect_ex", "bind", "listen", "sendto"):
    setattr(socket.socket, name, refuse)
socket.create_connection = socket.getaddrinfo = refuse

failed = {}
for module in json.load(sys.stdin):
    try:
        importlib.import_module(module)
    except BaseException as error:
        failed[module] = f"{type(error).__name__}: {error}"

import asyncpg, httpx2, pydantic_settings, sqlalchemy, sqlalchemy.ext.asyncio as sa, aio_pika
kinds = (
    sqlalchemy.Engine, sa.AsyncEngine, asyncpg.Pool, httpx2.Client, httpx2.AsyncClient,
    pydantic_settings.BaseSettings, aio_pika.abc.AbstractConnection,
)
alive = sorted({type(o).__qualname__ for o in gc.get_objects() if isinstance(o, kinds)})
threads = threading.active_count()
print(json.dumps({"failed": failed, "alive": alive, "threads": threads}))
"""


def probe(modules: list[str]) -> dict[str, object]:
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own text
        [sys.executable, "-W", "error", "-c", PROBE],
        cwd=ROOT,
        input=json.dumps(modules),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_modules_can_be_imported_without_consequences() -> None:
    # alembic runs the files of migrations by path, with its own context around them.
    modules = [s.module for s in sources("shared", "services") if "/migrations/" not in s.name]
    assert len(modules) > 100
    assert probe(modules) == {"failed": {}, "alive": [], "threads": 1}


def test_the_probe_would_notice() -> None:
    result = probe(["no.such.module"])
    assert list(result["failed"]) == ["no.such.module"]  # type: ignore[call-overload]
