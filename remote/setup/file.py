"""The file of a setup: everything that an admin would be asked for."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from remote.client import UsageError
from remote.terminal import text_of
from shared.kernel.plain_yaml import YamlRefusedError, read_yaml

MAX_TEXT = 255
MAX_CODES = 100
MAX_LAYOUTS = 50
"""As many as one order of the window takes."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Side = Literal["hubspot", "salesforce"]
Feature = Literal[
    "contacts",
    "companies",
    "deals",
    "activities",
    "inclusion_list",
    "window",
    "deployed_package",
    "managed_package",
]


class Part(BaseModel):
    """A part of the file: what it does not know is an error, so that no typo passes in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class ConnectionPart(Part):
    """Which connection. `id` names one that is there; `portal_id` finds one, and is checked."""

    environment: Literal["production", "sandbox"] = "production"
    salesforce_domain: Text | None = None
    portal_id: Text | None = None
    id: Text | None = None


class PreflightPart(Part):
    """What is looked at before; without `features`, what the rest of the file needs."""

    features: tuple[Feature, ...] = ()
    go_on_when_failed: bool = False


class PackagePart(Part):
    """How the package gets into the org. `consent`: Causeway may change the org for it.

    The installation key of a protected version is in the variable that `password_variable` names.
    """

    method: Literal["deploy", "version", "manual"] = "deploy"
    consent: bool = False
    version_id: Text | None = None
    audience: Literal["admins", "all"] = "admins"
    name_conflict: Literal["block", "rename"] = "block"
    grant_third_party_access: bool = False
    password_variable: Text | None = None

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        if self.method != "manual" and not self.consent:
            raise ValueError("say `consent: true`: Causeway changes the Salesforce org for that")
        if self.method == "version" and not self.version_id:
            raise ValueError("the method version needs the version_id that starts with 04t")
        if self.method == "version" and not self.grant_third_party_access:
            raise ValueError(
                "the method version needs `grant_third_party_access: true`, as Salesforce's own "
                "page asks for it"
            )
        return self


class WindowPart(Part):
    """The window inside records: left out, or put on the layouts that are named."""

    action: Literal["skip", "add"] = "skip"
    layouts: tuple[Text, ...] = Field(default=(), max_length=MAX_LAYOUTS)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.action == "add") != bool(self.layouts):
            raise ValueError("name layouts with `action: add`, and only with it")
        return self


class ChoicePart(Part):
    """Which settings: the recommended ones, or those of a document as `settings export` writes."""

    kind: Literal["recommended", "advanced"] = "recommended"
    settings: dict[str, Any] | None = None
    settings_file: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = sum(one is not None for one in (self.settings, self.settings_file))
        if self.kind == "recommended" and given:
            raise ValueError("settings of your own are for `kind: advanced`")
        if given > 1:
            raise ValueError("give `settings` or `settings_file`, one of the two")
        return self


class SetupFile(Part):
    """The whole file. The same `name` and `connection` are the same setup, whenever it is run."""

    causeway_setup: Literal[1]
    name: Text
    connection: ConnectionPart = ConnectionPart()
    preflight: PreflightPart = PreflightPart()
    package: PackagePart | None = None
    window: WindowPart = WindowPart()
    choice: ChoicePart = ChoicePart()
    acknowledge: tuple[Text, ...] = Field(default=(), max_length=MAX_CODES)
    imports: tuple[Side, ...] = ()

    def key(self, *step: str) -> str:
        """The Idempotency-Key of a step: the same for the same setup, without a word of it."""
        told = [self.name, self.connection.model_dump(mode="json"), *step]
        return "setup-" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_setup(path: Path) -> SetupFile:
    """The file, with the document of its settings.

    Raises:
        UsageError: a file is missing, no YAML, or not what it should be; each place is named.
    """
    try:
        found = SetupFile.model_validate(_data(path))
    except ValidationError as wrong:
        told = "".join(
            f"\n  {'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in wrong.errors()
        )
        raise UsageError(f"{path} is no setup file:{told}") from None
    beside = found.choice.settings_file
    if beside is None:
        return found
    settings = _data(path.parent / beside)
    if not isinstance(settings, dict):
        raise UsageError(f"{beside} is no file of settings: use what `settings export` writes.")
    choice = found.choice.model_copy(update={"settings": settings})
    return found.model_copy(update={"choice": choice})


def _data(path: Path) -> object:
    try:
        return read_yaml(text_of(path))
    except YamlRefusedError as refused:
        raise UsageError(f"{path}: {refused}") from None
