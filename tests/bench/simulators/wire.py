"""The client of the benchmark: requests made beforehand, sent over few kept connections.

It builds and reads nothing while the time runs, so that what is timed is the server.
"""

import http.client
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.bench.simulators.spending import Spent, spending

CONNECTIONS = 2
"""One request is being worked on while the next one is on its way."""
SUCCESS = 2
"""The class of the status codes of calls that went well."""
ANSWER_SECONDS = 120.0
"""A batch takes milliseconds, a whole bulk job seconds; more is a server that hangs."""


class Request(NamedTuple):
    """One call, ready to be sent."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Server:
    """A started simulator, and the headers that its calls need."""

    url: str
    process_id: int
    headers: dict[str, str] = field(default_factory=dict)

    def timed(self, requests: Sequence[Request]) -> tuple[list[bytes], Spent]:
        """The answers in the order of the requests, and how long all of them took."""
        with spending(self.process_id) as spent:
            answers = self.ask(requests)
        return answers, spent

    def ask(self, requests: Sequence[Request]) -> list[bytes]:
        """The answers in the order of the requests.

        RuntimeError for an answer that is no success.
        """
        shares = [range(first, len(requests), CONNECTIONS) for first in range(CONNECTIONS)]
        answers = [b""] * len(requests)

        def work(share: range) -> None:
            connection = http.client.HTTPConnection(
                urlsplit(self.url).netloc, timeout=ANSWER_SECONDS
            )
            for place in share:
                answers[place] = self._asked(connection, requests[place])
            connection.close()

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(work, shares))
        return answers

    def _asked(self, connection: http.client.HTTPConnection, request: Request) -> bytes:
        headers = {**self.headers, "Content-Type": request.content_type}
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status // 100 != SUCCESS:
            told = answer[:300].decode(errors="replace")
            raise RuntimeError(f"{request.method} {request.path}: {response.status} {told}")
        return answer
