"""A listener for outbound messages that answers as a test tells it."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.contracts.simulators.salesforce.driver import Driver

WAIT_SECONDS = 20.0
"""Far longer than a delivery takes on a busy machine."""
NAMESPACE = "http://soap.sforce.com/2005/09/outbound"
NOTIFICATION = re.compile(
    r"<Notification>\s*<Id>(\w+)</Id>.*?<sf:Id>(\w+)</sf:Id>.*?</Notification>", re.DOTALL
)


FIELDS = ["LastName", "Email"]
ACKED = {"pending_webhooks": 0, "retries_waiting": 0}
PAUSE_SECONDS = 0.02


def eventually(condition: Callable[[], bool]) -> None:
    """Look again and again until something is so. AssertionError when it never is."""
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(PAUSE_SECONDS)


def soap(inner: str) -> str:
    """An envelope around the body of an answer."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )


def response(ack: str, element: str = "notificationsResponse") -> str:
    """An acknowledgement, or what somebody takes for one."""
    return soap(f'<{element} xmlns="{NAMESPACE}"><Ack>{ack}</Ack></{element}>')


@dataclass(frozen=True)
class Answer:
    """What the listener says; ``hold`` keeps the sender waiting until it is set."""

    body: str = field(default_factory=lambda: response("true"))
    status: int = 200
    kind: str = "text/xml"
    hold: threading.Event | None = None


@dataclass(frozen=True)
class Envelope:
    """One delivery: its headers by lower-case name, its text."""

    headers: dict[str, str]
    text: str

    @property
    def notifications(self) -> list[tuple[str, str]]:
        """Notification id and record id, as they stand in the text."""
        return [(one, record) for one, record in NOTIFICATION.findall(self.text)]

    @property
    def ids(self) -> list[str]:
        """Notification ids."""
        return [one for one, _ in self.notifications]


class Listener:
    """Answers are given in turn, and then an acknowledgement every time."""

    def __init__(self, url: str, answers: "queue.Queue[Answer]") -> None:
        self.url = url
        self._answers = answers
        self.received: queue.Queue[Envelope] = queue.Queue()

    def script(self, *answers: Answer) -> None:
        for one in answers:
            self._answers.put(one)

    def next_answer(self) -> Answer:
        try:
            return self._answers.get_nowait()
        except queue.Empty:
            return Answer()

    def take(self) -> Envelope:
        """The next delivery; queue.Empty when none comes."""
        return self.received.get(timeout=WAIT_SECONDS)

    def take_all(self, org: Driver) -> list[Envelope]:
        """Everything that was delivered once nothing is pending any more."""
        eventually(lambda: org.look("quiet") == ACKED)
        found = []
        while not self.received.empty():
            found.append(self.received.get_nowait())
        return found


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener on a free port of 127.0.0.1."""
    answers: queue.Queue[Answer] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            text = self.rfile.read(size).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = listener.next_answer()
            listener.received.put(Envelope(headers, text))
            if answer.hold is not None:
                answer.hold.wait(WAIT_SECONDS)
                return
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Tests look at what was received instead."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_port}/hook", answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()


def define(org: Driver, listener: Listener, **more: Any) -> str:
    """An outbound message to the listener; its ActionId."""
    body = {"object": "Contact", "fields": FIELDS, "endpoint_url": listener.url, **more}
    action_id: str = org.control("outbound-messages", body)["action_id"]
    return action_id


def pending(org: Driver) -> list[dict[str, Any]]:
    """What waits, in the order in which it was queued, once nothing is under way."""
    eventually(lambda: org.look("outbound-messages")["under_way"] == 0)
    found: list[dict[str, Any]] = org.look("outbound-messages")["pending"]
    return sorted(found, key=lambda one: str(one["id"]))


def pass_time(org: Driver, seconds: float) -> None:
    org.control("clock", {"advance_seconds": seconds})
