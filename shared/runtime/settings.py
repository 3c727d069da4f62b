"""What an operator configures of every process: environment variables that begin with CAUSEWAY_."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.kernel.errors import FatalError

S = TypeVar("S", bound="DeploymentSettings")


class ConfigurationError(FatalError):
    """The environment does not hold a working configuration; the text names each variable."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="configuration_invalid")


def _origin(value: str) -> str:
    """An http(s) URL without a slash at its end, so that paths can be appended."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("must be an http or https URL such as https://causeway.example.com")
    return value.rstrip("/")


def _split(value: object) -> object:
    """`a, b` from the environment; anything else is left for pydantic to judge."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Origin = Annotated[str, AfterValidator(_origin)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class DeploymentSettings(BaseSettings):
    """The part of the configuration that all services of a deployment share.

    A service's `Settings` adds its own fields; no secret has a default.
    """

    model_config = SettingsConfigDict(
        env_prefix="CAUSEWAY_",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    amqp_url: SecretStr
    amqp_namespace: str = Field(
        default="",
        pattern=r"^[a-z0-9_.-]{0,40}$",
        description="put before every exchange and queue, for several deployments on one broker",
    )
    token_key: SecretStr
    public_url: Origin = Field(description="the origin that the CRMs and the admins see")
    peer_url: Origin = Field(description="the origin under which services reach each other")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0 takes a free one")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    trace_path: Path | None = None
    hubspot_api_url: Origin = "https://api.hubapi.com"
    hubspot_app_url: Origin = "https://app.hubspot.com"
    salesforce_login_url: Origin = "https://login.salesforce.com"
    extra_crm_origins: Origins = Field(
        default=(), description="origins beside the CRMs' own hosts, comma separated"
    )
    apart: Names = Field(
        default=(),
        description="services whose workers run as processes of their own beside a role `all`",
    )
    grace_seconds: float = Field(
        default=20.0, gt=0, description="what running work gets at a stop; under the platform's own"
    )


def load_settings(kind: type[S]) -> S:
    """Read the settings from the environment.

    ConfigurationError lists every variable that is missing or wrong, and never a value.
    """
    try:
        return kind()
    except ValidationError as error:
        wrong = [
            f"  {_variable(kind, str(item['loc'][0]))}: {item['msg']}"
            if item["loc"]
            else f"  {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigurationError(
            "The configuration is not complete. Set these variables:\n" + "\n".join(wrong)
        ) from None


def _variable(kind: type[DeploymentSettings], field: str) -> str:
    """The environment variable behind a field; pydantic names an aliased one by its alias."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    return field if field not in kind.model_fields else (prefix + field).upper()
