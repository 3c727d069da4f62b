"""A Postgres or a RabbitMQ in a container of a Docker engine that has the image."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from deploy.local.probe import LOOPBACK, amqp_answers, free_port, postgres_answers
from deploy.local.process import ServerFailedError, wait_until
from deploy.local.server import READY_SECONDS

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

STOP_SECONDS = 30  # an orderly stop, as for the private servers; then the engine kills it
LABEL = "causeway.instance"  # finds what a killed run of the same folder left behind


class ContainerServer:
    """One container, published on a fixed port of 127.0.0.1, removed with its data at the end."""

    def __init__(
        self,
        *,
        image: str,
        host: str,
        slot: Path,
        inner_port: int,
        env: Mapping[str, str],
        url: str,
        answers: Callable[[int], bool],
    ) -> None:
        self._port = free_port()
        self.url = url.format(port=self._port)
        self._answers = answers
        self._label = f"{slot}:{inner_port}"
        self._holder = _holder(image, host)
        self._holder.with_envs(**env)
        ports = cast("dict[str, Any]", self._holder.ports)
        ports[f"{inner_port}/tcp"] = (LOOPBACK, self._port)
        self._holder.with_kwargs(labels={LABEL: self._label}, hostname="causeway")
        self._made = False

    def start(self) -> None:
        """Start the container, or start it again after `stop` or `kill`."""
        if self._made:
            self._holder.get_wrapped_container().start()
        else:
            self._remove_leftovers()
            self._holder.start()
            self._made = True
        if not wait_until(lambda: self._answers(self._port), READY_SECONDS):
            lines = self._holder.get_wrapped_container().logs(tail=15).decode(errors="replace")
            raise ServerFailedError(
                f"{self._holder.image} does not answer on {self._port}:\n{lines}"
            )

    def stop(self) -> None:
        """Stop it in order; its data stays for the next start."""
        self._holder.get_wrapped_container().stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._holder.get_wrapped_container().kill()

    def control(self, *words: str) -> None:
        """`rabbitmqctl` with these words, in the container. Raises ServerFailedError."""
        code, output = self._holder.get_wrapped_container().exec_run(["rabbitmqctl", *words])
        if code != 0:
            text = output.decode(errors="replace").strip()
            raise ServerFailedError(f"rabbitmqctl {words[0]} failed:\n{text}")

    def close(self) -> None:
        """Remove it with its data."""
        self._holder.stop(force=True, delete_volume=True)

    def _remove_leftovers(self) -> None:
        engine = self._holder.get_docker_client().client
        label = f"{LABEL}={self._label}"
        for container in engine.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)


def _holder(image: str, host: str) -> "DockerContainer":
    """A container that is not started yet.

    testcontainers reads the engine's address from the environment only. Its own sweeper is off: it
    needs an image of its own, and pulling one may hang.
    """
    os.environ.setdefault("DOCKER_HOST", host)
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    testcontainers_config.ryuk_disabled = True
    return DockerContainer(image)


def postgres_container(*, image: str, host: str, slot: Path) -> ContainerServer:
    """A Postgres with a random password."""
    password = secrets.token_urlsafe(24)
    return ContainerServer(
        image=image,
        host=host,
        slot=slot,
        inner_port=5432,
        env={"POSTGRES_PASSWORD": password},
        url=f"postgresql://postgres:{password}@{LOOPBACK}:{{port}}/postgres",
        answers=postgres_answers,
    )


def rabbitmq_container(*, image: str, host: str, slot: Path) -> ContainerServer:
    """A RabbitMQ; its fixed host name keeps the data readable after a restart."""
    return ContainerServer(
        image=image,
        host=host,
        slot=slot,
        inner_port=5672,
        env={},
        url=f"amqp://guest:guest@{LOOPBACK}:{{port}}/",
        answers=amqp_answers,
    )
