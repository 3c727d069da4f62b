"""The settings of a throw-away deployment: fresh keys, the simulators as CRMs, free ports."""

import base64
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.security.tokens import TokenKey

PORTAL_ID = "111"
APP_ID = "222"
HUBSPOT_CLIENT_ID = "hubspot-client"
SALESFORCE_CLIENT_ID = "salesforce-client"
KEY_BYTES = 32
"""AES-256 and HMAC-SHA256 both want 32 bytes."""

SERVICES = (
    "connection",
    "package_watcher",
    "mapping",
    "contact_sync",
    "activity_sync",
    "quota",
    "ingress",
    "console",
)
WITH_SCHEMA = tuple(name for name in SERVICES if name != "console")


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _ring() -> str:
    return f"k1:{_key()}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made anew for each deployment, and never printed."""

    hubspot_client: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    salesforce_client: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    token_key: str = field(default_factory=lambda: TokenKey.generate().export(), repr=False)
    key_ring: str = field(default_factory=_ring, repr=False)
    hash_key: str = field(default_factory=_key, repr=False)
    session_key: str = field(default_factory=_key, repr=False)


def database_passwords() -> dict[str, str]:
    """A fresh password for each service that has a schema."""
    return {name: secrets.token_urlsafe(KEY_BYTES) for name in WITH_SCHEMA}


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(
    *,
    origin: str,
    amqp_url: str,
    namespace: str = "",
    database_urls: Mapping[str, str],
    hubspot_url: str,
    salesforce_url: str,
    keys: Secrets,
) -> dict[str, str]:
    """The variables that every service of the deployment is started with."""
    port = origin.rpartition(":")[2]
    databases = {
        f"CAUSEWAY_{name.upper()}_DATABASE_URL": url for name, url in database_urls.items()
    }
    return databases | {
        "CAUSEWAY_AMQP_URL": amqp_url,
        "CAUSEWAY_AMQP_NAMESPACE": namespace,
        "CAUSEWAY_HOST": "127.0.0.1",
        "CAUSEWAY_PORT": port,
        "CAUSEWAY_PUBLIC_URL": origin,
        "CAUSEWAY_PEER_URL": origin,
        "CAUSEWAY_TOKEN_KEY": keys.token_key,
        "CAUSEWAY_KEY_RING": keys.key_ring,
        "CAUSEWAY_HASH_KEY": keys.hash_key,
        "CAUSEWAY_SESSION_KEY": keys.session_key,
        "CAUSEWAY_HUBSPOT_API_URL": hubspot_url,
        "CAUSEWAY_HUBSPOT_APP_URL": hubspot_url,
        "CAUSEWAY_HUBSPOT_APP_ID": APP_ID,
        "CAUSEWAY_HUBSPOT_CLIENT_ID": HUBSPOT_CLIENT_ID,
        "CAUSEWAY_HUBSPOT_CLIENT_SECRET": keys.hubspot_client,
        "CAUSEWAY_SALESFORCE_LOGIN_URL": salesforce_url,
        "CAUSEWAY_SALESFORCE_SANDBOX_LOGIN_URL": salesforce_url,
        "CAUSEWAY_SALESFORCE_CLIENT_ID": SALESFORCE_CLIENT_ID,
        "CAUSEWAY_SALESFORCE_CLIENT_SECRET": keys.salesforce_client,
        "CAUSEWAY_EXTRA_CRM_ORIGINS": f"{hubspot_url},{salesforce_url}",
    }
