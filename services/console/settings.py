"""What an operator configures of the console."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from shared.runtime.settings import DeploymentSettings

KEY_BYTES = 32
"""What HMAC-SHA256 has room for; less would be weaker, more is no stronger."""


def session_key_bytes(text: SecretStr) -> bytes:
    """The key's bytes; empty when the text is not base64."""
    try:
        return base64.b64decode(text.get_secret_value().strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _session_key(text: SecretStr) -> SecretStr:
    if len(session_key_bytes(text)) != KEY_BYTES:
        raise ValueError(
            f"must be the base64 of {KEY_BYTES} bytes (openssl rand -base64 {KEY_BYTES})"
        )
    return text


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    salesforce_client_secret: SecretStr = Field(
        description="of the Salesforce app: it signs the requests for the page inside records"
    )
    session_key: Annotated[SecretStr, AfterValidator(_session_key)] = Field(
        description="base64 of 32 bytes; a new one signs everybody out"
    )
