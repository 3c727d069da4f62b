"""What operators do to any service, as routes: the runtime mounts them beside the service's own."""

from fastapi import APIRouter

from shared.kernel.clock import SystemClock
from shared.runtime.operations import dead_letters_api, keys_api, mailbox_api, purges_api
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import TokenKey
from shared.web.guard import Guard


def operations(service: Service, deployment: DeploymentSettings) -> tuple[APIRouter, ...]:
    """The routers of one service, below `/api/v1/operations/<service>`; tokens as everywhere."""
    key = TokenKey.parse(deployment.token_key.get_secret_value())
    guard = Guard(key, audience=service.name, clock=SystemClock())
    routers = []
    if service.subscriptions:
        amqp_url, namespace = deployment.amqp_url.get_secret_value(), deployment.amqp_namespace
        routers.append(
            dead_letters_api.routes(service, guard, amqp_url=amqp_url, namespace=namespace)
        )
    if service.mailbox is not None and service.database is not None:
        database, mailbox = service.database, service.mailbox
        routers.append(mailbox_api.routes(service.name, guard, database=database, mailbox=mailbox))
    if service.secrets is not None and service.database is not None:
        database, secrets = service.database, service.secrets
        routers.append(keys_api.routes(service.name, guard, database=database, secrets=secrets))
    if service.purges is not None and service.database is not None:
        database, purges = service.database, service.purges
        routers.append(purges_api.routes(service.name, guard, database=database, purges=purges))
    return tuple(routers)
