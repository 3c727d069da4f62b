"""What an operator configures of contact_sync."""

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_CONTACT_SYNC_DATABASE_URL")
    hash_key: SecretStr = Field(description="base64 of 32 bytes, the same for ingress")
    lease_seconds: float = Field(
        default=60.0,
        gt=0,
        validation_alias="CAUSEWAY_CONTACT_SYNC_LEASE_SECONDS",
        description="how long the work of a crashed worker stays held",
    )
    journal_days: int = Field(
        default=365,
        ge=1,
        validation_alias="CAUSEWAY_CONTACT_SYNC_JOURNAL_DAYS",
        description="how long the journal, and with it the undo, of a write is kept",
    )
