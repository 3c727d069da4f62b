import http.server
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from deploy.local.docker_engine import DockerFacts, look_for_images


class Engine(http.server.BaseHTTPRequestHandler):
    """Answers as an engine does that holds these images."""

    held: ClassVar[tuple[str, ...]] = ("postgres:17", "own/rabbitmq:3")

    def do_GET(self) -> None:
        known = {"/_ping", *(f"/images/{image}/json" for image in self.held)}
        self.send_response(200 if self.path in known else 404)
        self.end_headers()

    def address_string(self) -> str:
        return "a socket file has no address"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def socket_file() -> Iterator[Path]:
    """A short path: a socket's may have 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        yield Path(folder) / "docker.sock"


@contextmanager
def engine(path: Path) -> Iterator[None]:
    with socketserver.ThreadingUnixStreamServer(str(path), Engine) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_an_engine_that_lacks_an_image(socket_file: Path) -> None:
    host = f"unix://{socket_file}"

    with engine(socket_file):
        found = look_for_images({"DOCKER_HOST": host})

    assert found == DockerFacts("the Docker engine lacks rabbitmq:4", host, postgres="postgres:17")


def test_other_images_may_be_named(socket_file: Path) -> None:
    host = f"unix://{socket_file}"

    with engine(socket_file):
        found = look_for_images({"DOCKER_HOST": host, "CAUSEWAY_RABBITMQ_IMAGE": "own/rabbitmq:3"})

    assert found == DockerFacts(
        "a Docker engine answers", host, postgres="postgres:17", rabbitmq="own/rabbitmq:3"
    )


def test_an_engine_that_accepts_and_says_nothing_counts_as_none(socket_file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(socket_file))
        silent.listen()

        found = look_for_images({"DOCKER_HOST": f"unix://{socket_file}"})

    assert found == DockerFacts("no Docker engine answers")


@pytest.mark.parametrize("host", ["unix:///nowhere", "tcp://127.0.0.1:1", "ssh://host", "nonsense"])
def test_an_address_where_nobody_is(host: str) -> None:
    assert look_for_images({"DOCKER_HOST": host}) == DockerFacts("no Docker engine answers")
