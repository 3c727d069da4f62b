"""A running deployment over its REST API, for commands: one origin, one bearer token."""

from typing import Any

import httpx2

from shared.kernel.errors import FatalError, RetriableError

TIMEOUT_SECONDS = 30.0
"""Longer than the API takes for anything: what takes longer is ordered, and looked at."""

UNAVAILABLE = 500


class Rest:
    """Answers as JSON. RetriableError when nobody answers, FatalError for what is refused."""

    def __init__(
        self, url: str, token: str, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._http = httpx2.Client(
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def get(self, path: str) -> dict[str, Any]:
        """What is there."""
        found: dict[str, Any] = self._ask("GET", path, None).json()
        return found

    def delete(self, path: str, body: dict[str, Any]) -> None:
        """Has it removed."""
        self._ask("DELETE", path, body)

    def close(self) -> None:
        """Ends the connections."""
        self._http.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> httpx2.Response:
        try:
            answer = self._http.request(method, f"{self._url}{path}", json=body)
        except httpx2.HTTPError as error:
            raise RetriableError(
                f"{self._url} does not answer ({type(error).__name__}). Check --url, or "
                "CAUSEWAY_PUBLIC_URL.",
                code="not_reachable",
            ) from None
        if answer.is_success:
            return answer
        text, code = _told(answer)
        if answer.status_code >= UNAVAILABLE:
            raise RetriableError(text, code=code)
        raise FatalError(text, code=code)


def _told(answer: httpx2.Response) -> tuple[str, str]:
    """What a problem says; other bodies are somebody else's, such as a proxy's."""
    status = f"{answer.request.method} {answer.request.url.path} was answered {answer.status_code}"
    try:
        problem = answer.json()
        text = f"{problem['title']}. {problem.get('detail', '')}".strip()
        return f"{text} ({status}.)", str(problem["type"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{status}, without a reason.", "refused"
