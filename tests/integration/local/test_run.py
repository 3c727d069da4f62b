import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.process import wait_until
from deploy.local.run import Interrupted, interruptible, supervise

SECONDS = 10.0


def send_when(ready: Path, signum: signal.Signals) -> threading.Thread:
    """Signals this process as soon as the command has made the file."""

    def watch() -> None:
        if wait_until(ready.exists, SECONDS):
            os.kill(os.getpid(), signum)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 128 + 15)]
)
def test_the_exit_code_is_the_commands(script: str, code: int) -> None:
    assert supervise(["sh", "-c", script], os.environ) == code


def test_a_command_that_is_not_there_or_no_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").touch()

    assert supervise([str(tmp_path / "missing")], os.environ) == 127
    assert supervise([str(tmp_path / "text")], os.environ) == 126
    assert capsys.readouterr().err == (
        f"deploy.local: command not found: {tmp_path}/missing\n"
        f"deploy.local: not executable: {tmp_path}/text\n"
    )


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_passed_on_and_the_command_ends_in_its_own_way(
    signum: signal.Signals, tmp_path: Path
) -> None:
    name = signum.name.removeprefix("SIG")
    script = f"trap 'exit 5' {name}; touch {tmp_path}/ready; while :; do sleep 0.05; done"
    sender = send_when(tmp_path / "ready", signum)

    code = supervise(["sh", "-c", script], os.environ)

    sender.join()
    assert code == 5


def test_a_command_that_does_not_heed_it_is_killed_after_the_grace(tmp_path: Path) -> None:
    script = f"trap '' TERM; touch {tmp_path}/ready; while :; do sleep 0.05; done"
    sender = send_when(tmp_path / "ready", signal.SIGTERM)

    code = supervise(["sh", "-c", script], os.environ, grace=0.1)

    sender.join()
    assert code == 128 + signal.SIGKILL


def test_the_first_signal_interrupts_and_later_ones_do_not_disturb_the_stopping() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stopped: list[str] = []

    def stop() -> None:
        signal.raise_signal(signal.SIGINT)
        stopped.append("in order")

    def work() -> None:
        with interruptible(), ExitStack() as stack:
            stack.callback(stop)
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted) as ending:
        work()

    assert stopped == ["in order"]
    assert ending.value.code == 128 + 15
    assert signal.getsignal(signal.SIGTERM) is before
