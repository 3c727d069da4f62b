"""What operators do to any service, as routes: the runtime mounts them beside the service's own."""

from fastapi import APIRouter

from shared.kernel.clock import SystemClock
from shared.runtime.operations import dead_letters_api
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import TokenKey
from shared.web.guard import Guard


def operations(service: Service, deployment: DeploymentSettings) -> tuple[APIRouter, ...]:
    """The routers of one service, below `/api/v1/operations/<service>`; tokens as everywhere."""
    if not service.subscriptions:
        return ()
    key = TokenKey.parse(deployment.token_key.get_secret_value())
    guard = Guard(key, audience=service.name, clock=SystemClock())
    dead_letters = dead_letters_api.routes(
        service,
        guard,
        amqp_url=deployment.amqp_url.get_secret_value(),
        namespace=deployment.amqp_namespace,
    )
    return (dead_letters,)
