"""Plays the people and the misfortunes of a simulated CRM, through its control plane."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.simulators.machinery.faults import FaultKind

CONTROL_SECONDS = 60.0
"""A seed of many thousand people takes seconds; more than this is a simulator that hangs."""
Fields = Mapping[str, object]


class SimulatorControl:
    """The control plane of one simulator; use it as an async context manager, or close it.

    Every method raises httpx2.HTTPStatusError when the simulator refuses the order.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx2.AsyncClient(
            base_url=f"{base_url}/_control/", timeout=CONTROL_SECONDS, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def reset(self) -> None:
        """Empty the CRM: records, calls, faults, pending webhooks, virtual clock."""
        await self._post("reset", {})

    async def seed(self, *, people: int, seed: int = 7, **options: object) -> list[str]:
        """Fill in reproducible people (email_domain, duplicates, notify, ...); their ids."""
        answer = await self._post("seed", {"people": people, "seed": seed, **options})
        return [str(record_id) for record_id in answer["ids"]]

    async def edit(self, object_name: str, record_id: str, fields: Fields) -> None:
        """An edit as a person makes it in the CRM's pages."""
        body = {"object": object_name, "id": record_id, "fields": dict(fields)}
        await self._post("edit", body)

    async def edit_many(self, object_name: str, edits: Mapping[str, Fields]) -> None:
        """Edits by record id, in one order."""
        rows = [{"id": record_id, "fields": dict(fields)} for record_id, fields in edits.items()]
        await self._post("edit-many", {"object": object_name, "edits": rows})

    async def create(self, object_name: str, fields: Fields) -> str:
        """A record as a person creates it; its id."""
        answer = await self._post("create", {"object": object_name, "fields": dict(fields)})
        return str(answer["id"])

    async def create_many(self, object_name: str, records: Sequence[Fields]) -> list[str]:
        """Records as a person creates them; their ids in the same order."""
        body = {"object": object_name, "records": [dict(fields) for fields in records]}
        answer = await self._post("create-many", body)
        return [str(record_id) for record_id in answer["ids"]]

    async def delete(self, object_name: str, record_id: str) -> None:
        """A deletion as a person makes it."""
        await self._post("delete", {"object": object_name, "id": record_id})

    async def records(self, object_name: str) -> dict[str, dict[str, Any]]:
        """Every live record's fields, by record id."""
        rows = await self._get(f"records/{object_name}")
        return {str(row["id"]): row["fields"] for row in rows}

    async def calls(self) -> dict[str, Any]:
        """API calls as the CRM bills them: `total` and `by_endpoint`."""
        found: dict[str, Any] = await self._get("calls")
        return found

    async def reset_calls(self) -> None:
        """Count from nothing."""
        await self._post("calls/reset", {})

    async def changes(self, after: int = 0) -> list[dict[str, Any]]:
        """The change log from number `after` + 1 on."""
        found: list[dict[str, Any]] = await self._get(f"changes?after={after}")
        return found

    async def fault(
        self, match: str, kind: FaultKind, *, times: int = 1, **options: object
    ) -> None:
        """The next `times` calls that `match` ("METHOD /path", with *) go wrong.

        Options: status, code, seconds.
        """
        await self._post("faults", {"match": match, "kind": kind, "times": times, **options})

    async def clear_faults(self) -> None:
        """Disarm everything."""
        (await self._http.delete("faults")).raise_for_status()

    async def advance_clock(self, seconds: float) -> None:
        """Let time pass at once: token expiry, rate windows, index lag."""
        await self._post("clock", {"advance_seconds": seconds})

    async def quiet(self) -> dict[str, int]:
        """What is still under way: `pending_webhooks` and `retries_waiting`."""
        found: dict[str, int] = await self._get("quiet")
        return found

    async def submit_form(self, body: Mapping[str, object]) -> dict[str, Any]:
        """A visitor's form submission (HubSpot)."""
        answer: dict[str, Any] = await self._post("submit-form", body)
        return answer

    async def switches(self, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Set switches of the CRM's behaviour, or only read them; all of them as they are now."""
        if body is None:
            found: dict[str, Any] = await self._get("switches")
            return found
        answer: dict[str, Any] = await self._post("switches", body)
        return answer

    async def order(self, name: str, **body: object) -> Any:
        """An order that only one of the simulators knows: token, merge, rules, convert-lead, ..."""
        return await self._post(name, body)

    async def _get(self, path: str) -> Any:
        response = await self._http.get(path)
        response.raise_for_status()
        return response.json()

    async def _post(self, path: str, body: Mapping[str, object]) -> Any:
        response = await self._http.post(path, json=dict(body))
        response.raise_for_status()
        return response.json() if response.content else None
