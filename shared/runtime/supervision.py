"""Loops that do not die in silence: logged, counted, started again, stopped within the grace."""

import asyncio
import random
from collections.abc import Sequence

from shared.kernel.errors import RetriableError
from shared.runtime.service import Loop
from shared.telemetry.logs import get_logger
from shared.telemetry.metrics import Metrics

_LOG = get_logger(__name__)
FIRST_PAUSE = 0.5  # seconds; a restarted broker or database is back within a few of these
LONGEST_PAUSE = 5.0  # seconds; events flow again well within 15 s of a broker's return (P11)
HEALTHY_AFTER = 60.0  # seconds of running, after which an earlier series of failures is over
CANCEL_SECONDS = 5.0  # how long a cancelled loop may take to clean up


class Supervisor:
    """Runs loops beside each other until the stop, and restarts the ones that end early.

    The pause doubles from half a second to ten seconds, with jitter, so that processes that
    fail together do not come back together.
    """

    def __init__(self, metrics: Metrics, *, jitter: random.Random) -> None:
        self._failures = metrics.counter(
            "causeway_loop_failures",
            "Times that a loop ended although nobody had asked it to",
            ("loop",),
        )
        self._jitter = jitter
        self._tasks: dict[asyncio.Task[None], str] = {}

    def start(self, loops: Sequence[Loop], stop: asyncio.Event) -> None:
        """Start every loop as a task of its own."""
        for loop in loops:
            task = asyncio.create_task(self._keep_running(loop, stop), name=loop.name)
            self._tasks[task] = loop.name

    async def finish(self, seconds: float, hurry: asyncio.Event) -> list[str]:
        """Wait for the loops to end by themselves, then cancel the rest; their names.

        Call it when `stop` is set. Setting `hurry` (a second signal) ends the wait.
        """
        if not self._tasks:
            return []
        impatient = asyncio.create_task(hurry.wait())
        all_done = asyncio.ensure_future(asyncio.wait(self._tasks))
        await asyncio.wait(
            {impatient, all_done}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        impatient.cancel()
        all_done.cancel()
        late = [task for task in self._tasks if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCEL_SECONDS)
        return sorted(self._tasks[task] for task in late)

    async def _keep_running(self, loop: Loop, stop: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while not stop.is_set():
            started = clock()
            await self._run_once(loop, stop)
            if stop.is_set():
                return
            failures = 0 if clock() - started > HEALTHY_AFTER else failures
            await _sleep(self._pause(failures), stop)
            failures += 1

    async def _run_once(self, loop: Loop, stop: asyncio.Event) -> None:
        try:
            await loop.run(stop)
        except RetriableError as error:
            _LOG.warning("loop failed", loop=loop.name, code=error.code, reason=str(error))
        except Exception:  # noqa: BLE001 - any error of one loop must not end the process
            _LOG.exception("loop failed", loop=loop.name)
        else:
            if stop.is_set():
                return
            _LOG.error("loop ended early", loop=loop.name)
        self._failures.labels(loop.name).inc()

    def _pause(self, failures: int) -> float:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 10))
        return self._jitter.uniform(longest / 2, longest)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
