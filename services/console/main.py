"""The wiring of the console, in one function."""

from functools import partial
from pathlib import Path

import httpx2

from services.console.api import Signed, routes
from services.console.api.assets import load
from services.console.api.context import Console
from services.console.api.rendering import Cookies, Pages
from services.console.api.sessions import Sessions
from services.console.gateways import PeerServices
from services.console.settings import Settings, session_key_bytes
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import new_id
from shared.runtime.service import Service
from shared.security.tokens import TokenKey
from shared.web.peers import Peer

NAME = "console"
FOLDER = Path(__file__).parent


def build(
    settings: Settings, *, http: httpx2.AsyncClient | None = None, clock: Clock | None = None
) -> Service:
    """The service, wired but not started; it closes the HTTP client that it was given."""
    clock = clock or SystemClock()
    client = http or httpx2.AsyncClient()
    token_key = TokenKey.parse(settings.token_key.get_secret_value())
    peer = partial(
        Peer, client, base_url=settings.peer_url, token_key=token_key, subject=NAME, clock=clock
    )
    sessions = Sessions(
        key=session_key_bytes(settings.session_key), token_key=token_key, clock=clock
    )
    cookies = Cookies(secure=settings.public_url.startswith("https://"))
    assets = load(FOLDER / "static")
    pages = Pages(FOLDER / "templates", assets, sessions=sessions, cookies=cookies, clock=clock)
    console = Console(
        sessions=sessions,
        cookies=cookies,
        pages=pages,
        services=PeerServices(lambda name: peer(audience=name)),
        hubspot_app_url=settings.hubspot_app_url,
    )
    signed = Signed(settings.salesforce_client_secret.get_secret_value(), clock)
    routers = (routes(console, assets, new_id, signed),)
    return Service(name=NAME, routers=routers, close=client.aclose)
