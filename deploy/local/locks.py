"""Checks both lock files against pyproject.toml without a network or a resolver."""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?: ;[^\\]*)?) \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
_WANTED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9.]+)$")


def problems(folder: Path) -> list[str]:
    """What is wrong with the locks of a checkout, one line each; empty when they hold.

    Every dependency must be pinned at or above its floor, every pin must have a hash, and no index
    or URL may be named. That the pins are what a resolver would choose is for `make lock`.
    """
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    product = project["project"]["dependencies"]
    tools = project["dependency-groups"]["dev"]
    product_pins, found = _read(folder / "requirements.lock")
    all_pins, found_in_all = _read(folder / "requirements-dev.lock")
    found += found_in_all
    found += _unmet(product, product_pins, "requirements.lock")
    found += _unmet([*product, *tools], all_pins, "requirements-dev.lock")
    found += [
        f"{name}: {version} in requirements.lock, {all_pins.get(name, 'absent')} in the dev lock"
        for name, version in product_pins.items()
        if all_pins.get(name) != version
    ]
    return found


def _read(lock: Path) -> tuple[dict[str, str], list[str]]:
    pins: dict[str, str] = {}
    found: list[str] = []
    unhashed = ""
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        pin = _PIN.match(line)
        if pin is not None:
            found += [f"{lock.name}: {unhashed} has no hash"] if unhashed else []
            unhashed = pin[1]
            pins[pin[1]] = pin[2]
        elif _HASH.match(line):
            unhashed = ""
        else:
            found.append(f"{lock.name} line {number}: neither a pin nor a hash: {line[:80]}")
    return pins, found + ([f"{lock.name}: {unhashed} has no hash"] if unhashed else [])


def _unmet(wanted: Iterable[str], pins: dict[str, str], lock: str) -> list[str]:
    found = []
    for line in wanted:
        parts = _WANTED.match(line)
        if parts is None:
            found.append(f"pyproject.toml: write {line!r} as name>=version, which this check reads")
            continue
        name = re.sub(r"[-_.]+", "-", parts[1]).lower()
        if name not in pins:
            found.append(f"{lock}: {name} is missing; run: make lock")
        elif _numbers(pins[name]) < _numbers(parts[2]):
            found.append(f"{lock}: {name} {pins[name]} is below {parts[2]}; run: make lock")
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


if __name__ == "__main__":
    lines = problems(Path(__file__).resolve().parents[2])
    for line in lines:
        print(line, file=sys.stderr)
    sys.exit(bool(lines))
