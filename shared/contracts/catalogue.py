"""Which events there are, found in the modules of their owners."""

import importlib
import pkgutil

import shared.contracts
from shared.contracts.base import Event


def all_events() -> tuple[type[Event], ...]:
    """Every event of every owner, from shared/contracts."""
    found: dict[str, type[Event]] = {}
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        contracts = importlib.import_module(f"shared.contracts.{module.name}")
        for candidate in vars(contracts).values():
            if _is_event(candidate, module.name):
                found[candidate.type_name()] = candidate
    return tuple(found[name] for name in sorted(found))


def _is_event(candidate: object, owner: str) -> bool:
    """A class of that module that is published: the common shapes are nobody's events."""
    return (
        isinstance(candidate, type)
        and issubclass(candidate, Event)
        and getattr(candidate, "owner", None) == owner
        and not any(sub.__module__ == candidate.__module__ for sub in candidate.__subclasses__())
    )
