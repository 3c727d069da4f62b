"""What an operator configures of quota."""

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_QUOTA_DATABASE_URL")
