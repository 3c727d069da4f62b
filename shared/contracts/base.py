"""What every event is: a frozen model that knows its owner, name and major version."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact that one service publishes. Readers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    owner: ClassVar[str]
    major: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents `type` and AMQP routing key: `causeway.<owner>.<Event>.v<major>`."""
        return f"causeway.{cls.owner}.{cls.__name__}.v{cls.major}"


class Contract(BaseModel):
    """A part of an event: frozen, tolerant to newer minor versions."""

    model_config = ConfigDict(frozen=True, extra="ignore")
