"""The database of a deployment: one login role and one schema a service, and nothing more.

A role can reach only its own schema (tests/integration/plumbing). Running it again changes
nothing but the passwords (the same ones, unless others are given).
"""

import asyncio
import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from shared.db.database import CONNECT_SECONDS

SCRAM_ITERATIONS = 4096
"""Postgres' own default; the passwords here are random and long."""


def provision(admin_url: str, *, database: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Creates what is missing; answers each service's URL.

    Args:
        admin_url: a superuser's, or that of a role with CREATEDB and CREATEROLE.
        database: the name of the deployment's database.
        passwords: by service name.
    """
    return asyncio.run(provision_async(admin_url, database=database, passwords=passwords))


async def provision_async(
    admin_url: str, *, database: str, passwords: Mapping[str, str]
) -> dict[str, str]:
    """The same inside a running event loop."""
    admin = await asyncpg.connect(admin_url, timeout=CONNECT_SECONDS)
    try:
        exists = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database)
        if not exists:
            with suppress(asyncpg.DuplicateDatabaseError):  # another run was quicker
                await admin.execute(f"CREATE DATABASE {_name(database)}")
        for service, password in passwords.items():
            await _role(admin, _role_name(database, service), password)
    finally:
        await admin.close()
    inside = await asyncpg.connect(_url(admin_url, database), timeout=CONNECT_SECONDS)
    try:
        await _schemas(inside, database, list(passwords))
    finally:
        await inside.close()
    return {
        service: _url(admin_url, database, _role_name(database, service), password)
        for service, password in passwords.items()
    }


def _role_name(database: str, service: str) -> str:
    """Roles belong to the whole server, so they carry the database's name."""
    return f"{database}_{service}"


async def _role(admin: asyncpg.Connection, role: str, password: str) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    if not exists:
        await admin.execute(f"CREATE ROLE {_name(role)}")
    await admin.execute(f"ALTER ROLE {_name(role)} LOGIN PASSWORD '{_verifier(password)}'")


def _verifier(password: str) -> str:
    """What Postgres stores of a password (SCRAM-SHA-256, RFC 5803).

    Made here, so that the password itself can never stand in the server's log.
    """
    salt = os.urandom(16)
    normal = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", normal, salt, SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    in_base64 = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(SCRAM_ITERATIONS, *in_base64)


async def _schemas(inside: asyncpg.Connection, database: str, services: list[str]) -> None:
    await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await inside.execute(f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC")
    for service in services:
        role = _name(_role_name(database, service))
        await inside.execute(f"GRANT CONNECT ON DATABASE {_name(database)} TO {role}")
        await inside.execute(f"GRANT {role} TO CURRENT_USER")
        await inside.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(service)} AUTHORIZATION {role}")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _url(admin_url: str, database: str, role: str | None = None, password: str = "") -> str:
    parts = urlsplit(admin_url)
    netloc = parts.netloc
    if role is not None:
        host = netloc.rpartition("@")[2]
        netloc = f"{quote(role)}:{quote(password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))
