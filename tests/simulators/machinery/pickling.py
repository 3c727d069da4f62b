"""Objects as bytes and back, parts by their names. Loads nothing but values and our own classes."""

import pickle
from collections.abc import Callable
from types import MethodType
from typing import IO, Any, Protocol

from tests.simulators.machinery.parts import HOME, Parts
from tests.simulators.machinery.snapshot_errors import SnapshotError

PROTOCOL = 5
NAMED = (__name__, "named")
METHOD = (__name__, "method")
VALUES = {
    ("builtins", "bytearray"),
    ("builtins", "dict"),
    ("builtins", "float"),
    ("builtins", "frozenset"),
    ("builtins", "int"),
    ("builtins", "list"),
    ("builtins", "set"),
    ("builtins", "str"),
    ("collections", "Counter"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("collections", "deque"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("decimal", "Decimal"),
    ("functools", "partial"),
    ("random", "Random"),
    ("uuid", "UUID"),
}
"""What may be made beside objects of our own: values, and nothing that can act."""


def named(name: str) -> object:
    """Stands in a file for a part or a constant; only ``Unpickler`` knows what it is called."""
    raise SnapshotError(f"{name} has no meaning outside of a snapshot")


def method(owner: object, name: str) -> object:
    """Stands in a file for a method of a part."""
    raise SnapshotError(f"{name} of {owner!r} has no meaning outside of a snapshot")


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(HOME)


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take them; how many were taken."""


class Pickler(pickle.Pickler):
    """Writes values; parts and constants only by name."""

    def __init__(self, file: Sink, names: Parts) -> None:
        super().__init__(file, PROTOCOL)
        self._names = {id(one): name for name, one in names.items()}

    def reducer_override(self, obj: Any) -> Any:
        """How an object is written that is no plain value."""
        name = self._names.get(id(obj))
        if name is not None:
            return named, (name,)
        if isinstance(obj, MethodType):
            return method, (obj.__self__, obj.__name__)
        kind = obj if isinstance(obj, type) else type(obj)
        place = (kind.__module__, kind.__qualname__)
        if not (obj is named or obj is method or place in VALUES or _is_ours(kind)):
            raise SnapshotError(f"{obj!r} cannot be kept; its holder has to name it in NOT_KEPT")
        return NotImplemented


class Unpickler(pickle.Unpickler):
    """Reads values; SnapshotError for a class that has no business in a snapshot."""

    def __init__(self, file: IO[bytes], names: Parts) -> None:
        super().__init__(file)
        self._names = names
        self._owners = {id(one) for one in names.values()}

    def find_class(self, module_name: str, global_name: str) -> Any:
        """The class or function that the file asks for."""
        asked = (module_name, global_name)
        if asked == NAMED:
            return self._named
        if asked == METHOD:
            return self._method
        if asked in VALUES:
            return super().find_class(module_name, global_name)
        if module_name.startswith(HOME):
            found = super().find_class(module_name, global_name)
            if isinstance(found, type):
                return found
        raise SnapshotError(f"it asks for {module_name}.{global_name}, which is no part of a state")

    def _named(self, name: str) -> object:
        if name not in self._names:
            raise SnapshotError(f"it was written by another version of the simulator: no {name}")
        return self._names[name]

    def _method(self, owner: object, name: str) -> Callable[..., Any]:
        found = getattr(owner, name, None) if id(owner) in self._owners else None
        if not isinstance(found, MethodType):
            raise SnapshotError(f"it asks for {name} of something that is no part of the state")
        return found
