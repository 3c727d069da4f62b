"""From a type name to its contract, with the rules for versions that we do not know."""

from collections.abc import Iterable

from pydantic import ValidationError

from shared.contracts.base import Event
from shared.kernel.errors import FatalError
from shared.messaging.envelope import Envelope, MalformedMessageError


class UnsupportedVersionError(FatalError):
    """A newer major version than this code knows: upgrade this service, then replay."""

    def __init__(self, type_name: str) -> None:
        super().__init__(
            f"{type_name} is a newer major version than this service understands. Upgrade the "
            "service, then replay the dead letter.",
            code="event_version_unsupported",
        )


class EventRegistry:
    """Parses the events that one subscriber wants."""

    def __init__(self, events: Iterable[type[Event]]) -> None:
        self._by_type = {event.type_name(): event for event in events}
        self._majors = {_stem(name): event.major for name, event in self._by_type.items()}

    def parse(self, envelope: Envelope) -> Event | None:
        """The event; None for a type that nobody asked for.

        UnsupportedVersionError for a newer major version, MalformedMessageError for data that
        does not fit the contract.
        """
        event = self._by_type.get(envelope.type)
        if event is None:
            known = self._majors.get(_stem(envelope.type))
            if known is not None and _major(envelope.type) > known:
                raise UnsupportedVersionError(envelope.type)
            return None
        try:
            return event.model_validate(envelope.data)
        except ValidationError as error:
            places = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
            raise MalformedMessageError(f"{envelope.type} has wrong fields: {places}") from None


def _stem(type_name: str) -> str:
    return type_name.rpartition(".v")[0]


def _major(type_name: str) -> int:
    digits = type_name.rpartition(".v")[2]
    return int(digits) if digits.isdigit() else 0
