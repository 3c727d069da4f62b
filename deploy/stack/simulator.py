"""The control plane of a CRM simulator: what a human user of that CRM does, and what it counted."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

PLANE = "/_control"
TIMEOUT_SECONDS = 60.0
Fields = Mapping[str, object]


class Simulator:
    """One CRM as its users see it."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx2.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def seed(self, *, people: int, seed: int, **options: object) -> list[str]:
        """New people, as users would have typed them in; their ids."""
        made = await self.post("seed", {"people": people, "seed": seed, **options})
        return [str(one) for one in made["ids"]]

    async def create(self, object_name: str, fields: Fields) -> str:
        """One new record of a user; its id."""
        return str((await self.post("create", {"object": object_name, "fields": fields}))["id"])

    async def edit_many(self, object_name: str, edits: Sequence[tuple[str, Fields]]) -> None:
        """Edits of a user."""
        body = {
            "object": object_name,
            "edits": [{"id": record_id, "fields": fields} for record_id, fields in edits],
        }
        await self.post("edit-many", body)

    async def records(self, object_name: str) -> dict[str, dict[str, Any]]:
        """Every live record's fields by id."""
        found = await self.get(f"records/{object_name}")
        return {str(one["id"]): one["fields"] for one in found}

    async def calls(self) -> int:
        """API calls as this CRM counts them, since they were reset."""
        return int((await self.get("calls"))["total"])

    async def reset_calls(self) -> None:
        """Starts counting anew."""
        await self.post("calls/reset", {})

    async def changes(self, after: int = 0) -> list[dict[str, Any]]:
        """The change log from number `after` on."""
        found: list[dict[str, Any]] = await self.get(f"changes?after={after}")
        return found

    async def pending_webhooks(self) -> int:
        """Events that have not been delivered yet, those that wait for a retry included."""
        quiet = await self.get("quiet")
        return int(quiet["pending_webhooks"]) + int(quiet["retries_waiting"])

    async def get(self, path: str) -> Any:
        """What the control plane answers."""
        answer = await self._http.get(f"{PLANE}/{path}")
        answer.raise_for_status()
        return answer.json()

    async def post(self, path: str, body: object) -> Any:
        """What the control plane answers."""
        answer = await self._http.post(f"{PLANE}/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None
