import pytest
from pydantic import Field, SecretStr

from shared.db.database import Database, DatabaseUnavailableError
from shared.kernel.errors import FatalError, RetriableError
from shared.messaging.topology import Subscription
from shared.runtime import steps
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings

URL = "postgresql://quota:planted-password@127.0.0.1:1/none"  # never connected to


class QuotaSettings(DeploymentSettings):
    database_url: SecretStr = Field(validation_alias="CAUSEWAY_QUOTA_DATABASE_URL")


def settings(kind: type[DeploymentSettings], **more: object) -> DeploymentSettings:
    return kind(
        amqp_url=SecretStr("amqp://x"),
        token_key=SecretStr("x"),
        public_url="https://x",
        peer_url="http://x",
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "FIRST_PAUSE", 0.0)


class Postgres:
    """Answers after some attempts; remembers what was migrated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, away: int) -> None:
        self.away = away
        self.pings = 0
        self.upgraded: list[tuple[str, str]] = []
        monkeypatch.setattr(Database, "ping", lambda _self: self.ping())
        monkeypatch.setattr(steps, "upgrade", lambda *given: self.upgraded.append(given))

    async def ping(self) -> None:
        self.pings += 1
        if self.pings <= self.away:
            raise DatabaseUnavailableError("starting up")


async def test_a_schema_is_migrated_when_the_database_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres = Postgres(monkeypatch, away=3)
    await steps.migrate("quota", settings(QuotaSettings, database_url=SecretStr(URL)))
    assert postgres.pings == 4
    assert postgres.upgraded == [("quota", URL)]


async def test_a_database_that_stays_away_fails_the_step_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres = Postgres(monkeypatch, away=1000)
    with pytest.raises(RetriableError, match="The database did not answer in 12") as caught:
        await steps.migrate("quota", settings(QuotaSettings, database_url=SecretStr(URL)))
    assert (postgres.pings, postgres.upgraded) == (12, [])
    assert "planted" not in str(caught.value)


async def test_a_service_without_tables_has_nothing_to_migrate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres = Postgres(monkeypatch, away=0)
    await steps.migrate("console", settings(DeploymentSettings))
    assert (postgres.pings, postgres.upgraded) == (0, [])


async def test_the_queues_of_all_services_are_declared_in_one_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared: list[tuple[str, list[str]]] = []
    failures: list[Exception] = [ConnectionRefusedError(), TimeoutError()]

    async def declare(url: str, subscriptions: list[Subscription], *, namespace: str) -> None:
        if failures:
            raise failures.pop()
        declared.append((url, [subscription.queue for subscription in subscriptions]))

    async def handle(_batch: object) -> None:
        return None

    monkeypatch.setattr(steps, "declare", declare)
    services = [
        Service(name=name, subscriptions=(Subscription(f"{name}.settings", (), handle),))
        for name in ("quota", "ingress")
    ]
    await steps.declare_topology(services, "amqp://x")
    assert declared == [("amqp://x", ["quota.settings", "ingress.settings"])]


async def test_what_waiting_cannot_mend_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[str] = []

    async def declare(url: str, _subscriptions: object, *, namespace: str) -> None:
        attempts.append(url)
        raise FatalError("The queue exists with other arguments.", code="x")

    monkeypatch.setattr(steps, "declare", declare)
    with pytest.raises(FatalError, match="other arguments"):
        await steps.declare_topology([], "amqp://x")
    assert attempts == ["amqp://x"]
