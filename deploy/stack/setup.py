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


def _answer(response: httpx2.Response) -> Any:
    if response.is_success:
        return response.json() if response.content else None
    where = f"{response.request.method} {response.request.url.path}"
    raise SetupError(f"{where} answered {response.status_code}: {response.text}")


async def walk_setup(admin: Admin, say: Callable[[str], None]) -> str:
    """Connect both, install the package, skip the window, take the defaults, finish.

    Answers the connection's id.
    """
    made = await admin.post("/api/v1/connections", {"environment": "production"})
    connection_id = str(made["id"])
    await consent(made["hubspot_authorize_url"])
    say("HubSpot: connected")
    link = await admin.post(f"/api/v1/connections/{connection_id}/authorizations/salesforce")
    await consent(link["authorize_url"])
    say("Salesforce: connected")
    await install_package(admin, connection_id, say)
    await admin.post(f"/api/v1/packages/{connection_id}/visualforce", {"action": "skip"})
    await _until_setup_knows(admin, connection_id)
    choice = f"/api/v1/setup/{connection_id}/choice"
    draft = await admin.post(choice, {"kind": "recommended"})
    say(f"settings: recommended, {len(draft['settings']['mappings'])} field mappings")
    await _finish(admin, f"/api/v1/setup/{connection_id}", say)
    return connection_id


async def _finish(admin: Admin, setup: str, say: Callable[[str], None]) -> None:
    """Reads the review; its warnings are told, and acknowledged."""
    review = await admin.get(f"{setup}/review")
    for problem in review["problems"]:
        say(f"review: {problem['severity']}: {problem['what']}")
    await admin.post(f"{setup}/finish", {"acknowledge": review["acknowledge"]})
    say("setup: finished, the sync runs")


async def install_package(admin: Admin, connection_id: str, say: Callable[[str], None]) -> None:
    """Asks for the install and watches it until the package is in place."""
    path = f"/api/v1/packages/{connection_id}"
    await _patiently(admin, f"{path}/installations", {"method": "deploy"})
    said = ""
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            state = await admin.get(path)
            line = f"package: {state['state']}"
            if line != said:
                say(line)
                said = line
            if state["state"] == "installed":
                return
            if state["state"] in {"failed", "timed_out"}:
                raise SetupError(f"the package was not installed: {state}")
            await asyncio.sleep(LOOK_SECONDS)


async def _patiently(admin: Admin, path: str, body: dict[str, object]) -> None:
    """Services hear of a new connection by an event, so the first try may come too early."""
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            try:
                await admin.post(path, body)
            except SetupError as error:
                if " answered 404" not in str(error):
                    raise
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return


async def _until_setup_knows(admin: Admin, connection_id: str) -> None:
    """The package's and the window's events have reached the setup."""
    async with asyncio.timeout(INSTALL_SECONDS):
        while True:
            setup = await admin.get(f"/api/v1/setup/{connection_id}")
            states = {step["name"]: step["state"] for step in setup["steps"]}
            if states.get("choice") in {"open", "done"}:
                return
            await asyncio.sleep(LOOK_SECONDS)
