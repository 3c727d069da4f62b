"""A tiny webhook receiver, with answers that a test chooses."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[Json]:
        return list(json.loads(self.body))


@dataclass(slots=True)
class Receiver:
    """Deliveries so far; ``statuses`` are used up one a delivery, then it is always 204."""

    url: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    hold: threading.Event | None = None
    """While set to an event, answers wait for it."""
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def events(self) -> list[Json]:
        return [event for delivery in self.deliveries for event in delivery.events]

    def of(self, kind: str) -> list[Json]:
        return [event for event in self.events if event["subscriptionType"] == kind]

    def take(self, delivery: Delivery) -> int:
        """The status to answer with, once answers are no longer held back."""
        with self._lock:
            self.deliveries.append(delivery)
            status = self.statuses.pop(0) if self.statuses else 204
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        if self.hold is not None:
            self.hold.wait(PATIENCE_SECONDS)
        with self._lock:
            self._now -= 1
        return status

    def wait(self, done: Callable[[], bool]) -> None:
        """Until ``done``, at most PATIENCE_SECONDS."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < end, self.events
            time.sleep(POLL_SECONDS)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            delivery = Delivery(dict(self.headers.items()), body)
            self.send_response(receiver.take(delivery))
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/hubspot"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
