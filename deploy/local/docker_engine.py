"""Is there a Docker engine that answers and has the images? Asked over its socket, in seconds."""

import http.client
import importlib.util
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROBE_SECONDS = (
    2.0  # a healthy engine answers in milliseconds; a sick one must not hold up the start
)
POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4"


@dataclass(frozen=True, slots=True)
class DockerFacts:
    """The images that can be started, and in words what was found."""

    words: str
    host: str = ""
    postgres: str | None = None
    rabbitmq: str | None = None


def look_for_images(environ: Mapping[str, str]) -> DockerFacts:
    """The first engine that answers, and which of the two images it holds.

    Nothing is pulled: behind a slow or closed network a pull hangs. CAUSEWAY_POSTGRES_IMAGE and
    CAUSEWAY_RABBITMQ_IMAGE name other images.
    """
    host = next(
        (host for host in _hosts(environ) if _status(host, "/_ping") == http.HTTPStatus.OK), None
    )
    if host is None:
        return DockerFacts("no Docker engine answers")
    if importlib.util.find_spec("testcontainers") is None:
        return DockerFacts("a Docker engine answers, but testcontainers is not installed", host)
    postgres = environ.get("CAUSEWAY_POSTGRES_IMAGE", POSTGRES_IMAGE)
    rabbitmq = environ.get("CAUSEWAY_RABBITMQ_IMAGE", RABBITMQ_IMAGE)
    held = [image for image in (postgres, rabbitmq) if _holds(host, image)]
    missing = [image for image in (postgres, rabbitmq) if image not in held]
    words = (
        f"the Docker engine lacks {' and '.join(missing)}" if missing else "a Docker engine answers"
    )
    return DockerFacts(
        words,
        host,
        postgres=postgres if postgres in held else None,
        rabbitmq=rabbitmq if rabbitmq in held else None,
    )


def _hosts(environ: Mapping[str, str]) -> list[str]:
    """Where an engine may listen; DOCKER_HOST settles it, as for every Docker client."""
    given = environ.get("DOCKER_HOST")
    if given:
        return [given]
    sockets = [Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock"]
    if "XDG_RUNTIME_DIR" in environ:
        sockets.append(Path(environ["XDG_RUNTIME_DIR"]) / "docker.sock")
    return [f"unix://{path}" for path in sockets if os.access(path, os.R_OK | os.W_OK)]


def _holds(host: str, image: str) -> bool:
    return _status(host, f"/images/{image}/json") == http.HTTPStatus.OK


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def _status(host: str, path: str) -> int | None:
    scheme, _, address = host.partition("://")
    if scheme == "unix":
        connection: http.client.HTTPConnection = _UnixConnection(address, timeout=PROBE_SECONDS)
    elif scheme in {"tcp", "http"} and not os.environ.get("DOCKER_TLS_VERIFY"):
        connection = http.client.HTTPConnection(address, timeout=PROBE_SECONDS)
    else:
        return None  # engines behind TLS or ssh are remote: 127.0.0.1 would not lead to them
    try:
        connection.request("GET", path, headers={"Host": "docker"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
