"""What a simulated CRM consists of: objects that hold state, found by following attributes.

Everything that is not another part, a function or set by the command line is state. So whoever
adds an attribute need not think of snapshots, unless it cannot be kept: then the class lists its
name in ``NOT_KEPT``.
"""

from collections.abc import Iterator
from typing import Any

from tests.simulators.machinery.snapshot_errors import SnapshotError

HOME = "tests.simulators."
NOT_KEPT = "NOT_KEPT"
"""Name of a class attribute: names of attributes that a snapshot leaves as they are.

They are what the command line sets, and what lives in one process only, such as tasks.
"""
RESUME = "resume"
"""Name of a method that a part may have, which is called once its state was put back."""
Parts = dict[str, Any]
State = dict[str, dict[str, Any]]
"""Path of a part -> attribute -> value."""


def is_part(value: object) -> bool:
    """Whether it is one of our own objects that can be changed in place."""
    return type(value).__module__.startswith(HOME) and hasattr(value, "__dict__")


def parts_of(root: object) -> Parts:
    """The parts that can be reached from ``root``, each by the first path that leads to it."""
    found: Parts = {"": root}
    known = {id(root)}
    waiting = [""]
    while waiting:
        path = waiting.pop(0)
        for name, value in _attributes(found[path]):
            if is_part(value) and id(value) not in known:
                known.add(id(value))
                found[f"{path}.{name}"] = value
                waiting.append(f"{path}.{name}")
    return found


def state_of(parts: Parts, constants: Parts) -> State:
    """What the parts hold; ``constants`` are no state, whoever holds them."""
    fixed = {id(one) for one in constants.values()}
    return {
        path: {
            name: value
            for name, value in _attributes(part)
            if not is_part(value) and not callable(value) and id(value) not in fixed
        }
        for path, part in parts.items()
    }


def put_back(parts: Parts, constants: Parts, state: State) -> None:
    """Let the parts hold what they held. SnapshotError when they are not the same parts."""
    fresh = state_of(parts, constants)
    for path in sorted({*fresh, *state}):
        expected, told = set(fresh.get(path, {})), set(state.get(path, {}))
        if expected != told or (path in fresh) != (path in state):
            names = ", ".join(sorted(expected ^ told)) or "all of it"
            raise SnapshotError(
                f"it was written by another version of the simulator: {path} {names}"
            )
    for path, values in state.items():
        parts[path].__dict__.update(values)
    for part in parts.values():
        if hasattr(part, RESUME):
            getattr(part, RESUME)()


def _attributes(part: object) -> Iterator[tuple[str, Any]]:
    ignored = getattr(part, NOT_KEPT, ())
    return ((name, value) for name, value in list(vars(part).items()) if name not in ignored)
