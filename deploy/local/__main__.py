"""`python -m deploy.local run|up|check|reset`: see --help."""

import argparse
import os
import signal
import sys
from pathlib import Path

from deploy.local.backing import Backing, backing, describe
from deploy.local.machine import look
from deploy.local.plan import NothingPossibleError, choose
from deploy.local.process import ServerFailedError
from deploy.local.reset import reset
from deploy.local.run import interruptible, supervise

ROOT = Path(__file__).resolve().parents[2]
_FAILED = 3  # apart from what the command itself may answer


def main(words: list[str]) -> int:
    """Do what the words say, and return the exit code."""
    asked = _parser().parse_args(words)
    try:
        with interruptible():
            if asked.action == "check":
                return _check()
            if asked.action == "reset":
                return _reset()
            with backing(root=ROOT, say=_say, name=asked.name) as servers:
                return _up(servers) if asked.action == "up" else _run(servers, asked.command)
    except (NothingPossibleError, ServerFailedError, LookupError) as reason:
        print(f"deploy.local: {reason}", file=sys.stderr)
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description="A Postgres and a RabbitMQ for this machine: given, in Docker, or private.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="run a command with DATABASE_URL and AMQP_URL set")
    run.add_argument("command", nargs="+", metavar="-- COMMAND", help="after a double dash")
    up = actions.add_parser("up", help="print both URLs and stay until Ctrl-C")
    for action in (run, up):
        action.add_argument("--name", default="dev", help="keeps the data of different uses apart")
    actions.add_parser("reset", help="remove the data of every instance that is not in use")
    actions.add_parser("check", help="say what would be chosen, and start nothing")
    return parser


def _check() -> int:
    facts = look(os.environ)
    for line in describe(facts, choose(facts)):
        print(line)
    return 0


def _reset() -> int:
    reset(ROOT, _say)
    return 0


def _up(servers: Backing) -> int:
    print(f"DATABASE_URL={servers.database_url}")
    print(f"AMQP_URL={servers.amqp_url}", flush=True)
    _say("running until Ctrl-C")
    while True:
        signal.pause()


def _run(servers: Backing, command: list[str]) -> int:
    urls = {"DATABASE_URL": servers.database_url, "AMQP_URL": servers.amqp_url}
    return supervise(command, {**os.environ, **urls})


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
