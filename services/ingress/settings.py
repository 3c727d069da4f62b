"""What an operator configures of ingress."""

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_INGRESS_DATABASE_URL")
    hash_key: SecretStr = Field(description="base64 of 32 bytes, the same for contact_sync")
    hubspot_client_secret: SecretStr = Field(description="signs HubSpot's webhooks")
    poll_seconds: float = Field(
        default=20.0,
        ge=1.0,
        validation_alias="CAUSEWAY_INGRESS_POLL_SECONDS",
        description="between two looks at Salesforce: one API call each, 4,320 a day at 20 s",
    )
