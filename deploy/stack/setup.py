"""Walks the setup through the public REST API, as an admin would."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2

from deploy.stack.browser import consent

INSTALL_SECONDS = 300.0
"""The simulated package takes seconds; a real one minutes."""

LOOK_SECONDS = 0.3
"""How often a person would look at the progress, in a hurry."""


class SetupError(Exception):
    """A step of the setup did not go as it should; the text is the API's own."""


class Admin:
    """The public API in the hands of an admin."""

    def __init__(self, origin: str, token: str) -> None:
        self._http = httpx2.AsyncClient(
            base_url=origin, headers={"Authorization": f"Bearer {token}"}, timeout=60.0
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: str) -> Any:
        """What a GET answers; SetupError with the problem's text otherwise."""
        return _answer(await self._http.get(path, params=params))

    async def post(self, path: str, body: object = None, **headers: str) -> Any:
        """What a POST answers; SetupError with the problem's text otherwise."""
        return _answer(await self._http.post(path, json=body, headers=headers))

    async def put(self, path: str, body: object, **headers: str) -> Any:
        """What a PUT answers; SetupError with the problem's text otherwise."""
        return _answer(await self._http.put(path, json=body, headers=headers))


def _answer(response: httpx2.Response) -> Any:
    if response.is_success:
        return response.json() if response.content else None
    where = f"{response.request.method} {response.request.url.path}"
    raise SetupError(f"{where} answered {response.status_code}: {response.text}")


async def walk_setup(admin: Admin, say: Callable[[str], None]) -> str:
    """Connect both, install the package, skip the window, take the defaults, finish.

    Answers the connection's id.
    """
    connection_id = await connect(admin, say)
    await install_package(admin, connection_id, say)
    await skip_window(admin, connection_id)
    await take_recommended(admin, connection_id, say)
    await finish(admin, connection_id, say)
    return connection_id


async def connect(
    admin: Admin, say: Callable[[str], None], *, environment: str = "production"
) -> str:
    """Allows Causeway on both sides; answers the new connection's id."""
    made = await admin.post("/api/v1/connections", {"environment": environment})
    await consent(made["hubspot_authorize_url"])
    say("HubSpot: connected")
    await connect_salesforce(admin, str(made["id"]))
    say("Salesforce: connected")
    return str(made["id"])


async def connect_salesforce(admin: Admin, connection_id: str) -> None:
    """Allows Causeway in the org, for the first time or again."""
    link = await admin.post(f"/api/v1/connections/{connection_id}/authorizations/salesforce")
    await consent(link["authorize_url"])


async def skip_window(admin: Admin, connection_id: str) -> None:
    """Goes on without the in-record window, once the setup has heard of the package."""
    await admin.post(f"/api/v1/packages/{connection_id}/visualforce", {"action": "skip"})
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            setup = await admin.get(f"/api/v1/setup/{connection_id}")
            states = {step["name"]: step["state"] for step in setup["steps"]}
            if states.get("choice") in {"open", "done"}:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def take_recommended(admin: Admin, connection_id: str, say: Callable[[str], None]) -> None:
    """Keeps the recommended settings as they are."""
    draft = await admin.post(f"/api/v1/setup/{connection_id}/choice", {"kind": "recommended"})
    say(f"settings: recommended, {len(draft['settings']['mappings'])} field mappings")


async def finish(admin: Admin, connection_id: str, say: Callable[[str], None]) -> None:
    """Reads the review; its warnings are told, and acknowledged. The sync runs then."""
    setup = f"/api/v1/setup/{connection_id}"
    review = await admin.get(f"{setup}/review")
    for problem in review["problems"]:
        say(f"review: {problem['severity']}: {problem['what']}")
    await admin.post(f"{setup}/finish", {"acknowledge": review["acknowledge"]})
    say("setup: finished, the sync runs")


async def install_package(admin: Admin, connection_id: str, say: Callable[[str], None]) -> None:
    """Asks for the install and watches it until the package is in place."""
    await order_package(admin, connection_id, {"method": "deploy"})
    state = await package_ended(admin, connection_id, say)
    if state["state"] != "installed":
        raise SetupError(f"the package was not installed: {state}")


async def package_ended(
    admin: Admin, connection_id: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """Watches an installation until it has ended, well or not; answers what is shown of it."""
    said = ""
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            state: dict[str, Any] = await admin.get(f"/api/v1/packages/{connection_id}")
            line = f"package: {state['state']}"
            if line != said:
                say(line)
                said = line
            if state["state"] in {"installed", "failed", "timed_out"}:
                return state
            await asyncio.sleep(LOOK_SECONDS)


async def order_package(admin: Admin, connection_id: str, order: dict[str, object]) -> None:
    """Services hear of a new connection by an event, so the first try may come too early."""
    path = f"/api/v1/packages/{connection_id}/installations"
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            try:
                await admin.post(path, order)
            except SetupError as error:
                if " answered 404" not in str(error):
                    raise
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return
