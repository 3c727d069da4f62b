"""What an operator configures of the mapping service."""

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_MAPPING_DATABASE_URL")
