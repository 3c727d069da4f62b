"""What the routes take."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr, model_validator

from services.package_watcher.api.answers import Asked
from services.package_watcher.domain.model import Audience, Method, NameConflict, Order
from services.package_watcher.ports import Vault
from shared.kernel.errors import FieldProblem
from shared.web.problems import Problem

VERSION_ID = r"^04t[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$"
MAX_PASSWORD = 255

VersionId = Annotated[str, Field(pattern=VERSION_ID)]


class VersionChoice(Asked):
    """A package version, and how it is to be installed.

    `version_id` is the version's id (04t...). `grant_third_party_access` approves the sites that
    it names, as the tick box on Salesforce's own page does; the method version needs it said.
    `name_conflict`: what to do about a component of the org with the name of one of the version's
    (block the installation, or rename the org's). `password` is the installation key of a
    protected version; it is kept encrypted until the installation ends, and never shown.
    """

    version_id: VersionId | None = None
    audience: Literal["admins", "all"] = "admins"
    grant_third_party_access: bool = False
    name_conflict: Literal["block", "rename"] = "block"
    password: Annotated[SecretStr, Field(min_length=1, max_length=MAX_PASSWORD)] | None = None

    def order_of(self, method: Method, installation_id: UUID, vault: Vault) -> Order:
        """In the words of the domain; the password sealed for this installation.

        Raises:
            Problem: the method version without its id or without the consent.
        """
        if method is Method.VERSION:
            self._check_version()
        elif self.password is not None:
            raise _missing("password", "A password is for the method version; leave it out here.")
        secret = "" if self.password is None else self.password.get_secret_value()
        return Order(
            method,
            self.version_id or "",
            Audience(self.audience),
            self.grant_third_party_access,
            name_conflict=NameConflict(self.name_conflict),
            sealed_password=vault.seal(installation_id, secret) if secret else "",
        )

    def _check_version(self) -> None:
        if self.version_id is None:
            raise _missing("version_id", "The method version needs the id that starts with 04t.")
        if not self.grant_third_party_access:
            raise _no_consent()


class InstallRequest(VersionChoice):
    """How the package is to be installed."""

    method: Literal["deploy", "version", "manual"] = "deploy"

    @model_validator(mode="after")
    def _version_is_named(self) -> Self:
        if self.method == "version" and self.version_id is None:
            raise ValueError("version_id is needed for the method version: the id that starts 04t")
        return self


class UpgradeRequest(VersionChoice):
    """How the package is to be brought up to date: the source anew, or a newer version."""

    method: Literal["deploy", "version"] = "deploy"


class UninstallRequest(Asked):
    """Takes the package out. `confirmation` is the text that GET on the same path names.

    `version_id` is only needed where the package came as a version that Causeway was not told of.
    """

    confirmation: Annotated[str, Field(max_length=100)]
    version_id: VersionId | None = None


def _missing(field: str, text: str) -> Problem:
    return Problem(
        422,
        type="validation-failed",
        title="The request is not valid",
        detail=text,
        errors=[FieldProblem(f"body.{field}", text)],
    )


def _no_consent() -> Problem:
    text = (
        "Say true to let the package call the sites that it names; Salesforce's own page asks the "
        "same. Without that consent use the method deploy, whose package names none."
    )
    return Problem(
        422,
        type="consent-missing",
        title="Consent is needed",
        detail=text,
        errors=[FieldProblem("body.grant_third_party_access", text)],
    )
