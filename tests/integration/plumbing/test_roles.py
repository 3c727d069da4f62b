"""What a service's role can reach: its own schema, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg
import pytest

from shared.db.provision import provision, provision_async

SERVICES = ("connection", "mapping", "quota")
PASSWORDS = {
    "connection": "first password",
    "mapping": "p@ss:w/örd?'\"",
    "quota": "third",
}


@dataclass(frozen=True)
class Deployment:
    """A provisioned database; `urls` by service."""

    name: str
    urls: dict[str, str]


@pytest.fixture(scope="module")
def deployment(admin_url: str, database_name: str) -> Deployment:
    urls = provision(admin_url, database=database_name, passwords=PASSWORDS)
    return Deployment(database_name, urls)


@pytest.fixture(params=SERVICES)
async def role(
    request: pytest.FixtureRequest, deployment: Deployment
) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    service: str = request.param
    conn = await asyncpg.connect(deployment.urls[service])
    yield service, conn
    await conn.close()


async def test_a_role_works_in_its_own_schema(role: tuple[str, asyncpg.Connection]) -> None:
    service, conn = role
    await conn.execute(f"CREATE TABLE {service}.mine (n int)")
    await conn.execute(f"INSERT INTO {service}.mine VALUES (1)")  # noqa: S608 -- our own names

    assert await conn.fetchval(f"SELECT n FROM {service}.mine") == 1  # noqa: S608 -- our own names
    await conn.execute(f"DROP TABLE {service}.mine")


async def test_a_role_is_refused_on_every_other_schema(
    role: tuple[str, asyncpg.Connection], deployment: Deployment
) -> None:
    service, conn = role
    for other in set(SERVICES) - {service}:
        theirs = await asyncpg.connect(deployment.urls[other])
        await theirs.execute(f"CREATE TABLE IF NOT EXISTS {other}.secrets (n int)")
        await theirs.close()
        for statement in (
            f"SELECT * FROM {other}.secrets",  # noqa: S608 -- our own names
            f"INSERT INTO {other}.secrets VALUES (1)",  # noqa: S608 -- our own names
            f"CREATE TABLE {other}.intruder (n int)",
            f"DROP TABLE {other}.secrets",
            f"DROP SCHEMA {other} CASCADE",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.everybodys (n int)",
        "CREATE TEMPORARY TABLE passing (n int)",
        "CREATE SCHEMA another",
        "CREATE ROLE another",
        "CREATE DATABASE another",
    ],
)
async def test_a_role_is_refused_everywhere_else(
    role: tuple[str, asyncpg.Connection], statement: str
) -> None:
    _, conn = role
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute(statement)


async def test_a_role_cannot_become_another(
    role: tuple[str, asyncpg.Connection], deployment: Deployment
) -> None:
    service, conn = role
    for other in set(SERVICES) - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(f'SET ROLE "{deployment.name}_{other}"')


async def test_provisioning_again_keeps_the_data_and_changes_the_password(
    admin_url: str, deployment: Deployment
) -> None:
    conn = await asyncpg.connect(deployment.urls["quota"])
    await conn.execute("CREATE TABLE quota.kept (n int)")
    await conn.close()

    urls = await provision_async(
        admin_url, database=deployment.name, passwords={"quota": "another"}
    )

    conn = await asyncpg.connect(urls["quota"])
    assert await conn.fetchval("SELECT count(*) FROM quota.kept") == 0
    await conn.execute("DROP TABLE quota.kept")
    await conn.close()
    admin = await asyncpg.connect(urlsplit(admin_url)._replace(path=f"/{deployment.name}").geturl())
    stored = await admin.fetchval(
        "SELECT rolpassword FROM pg_authid WHERE rolname = $1", f"{deployment.name}_quota"
    )
    await admin.close()
    assert stored.startswith("SCRAM-SHA-256$4096:")
    await provision_async(admin_url, database=deployment.name, passwords=PASSWORDS)
