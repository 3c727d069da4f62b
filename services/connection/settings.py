"""What an operator configures of connection."""

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings, Origin


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_CONNECTION_DATABASE_URL")
    key_ring: SecretStr = Field(description="id:base64-of-32-bytes, the current key first")
    hubspot_client_id: str
    hubspot_client_secret: SecretStr
    hubspot_app_id: str
    salesforce_client_id: str
    salesforce_client_secret: SecretStr
    salesforce_sandbox_login_url: Origin = Field(
        default="https://test.salesforce.com",
        description="where sandboxes sign in; salesforce_login_url is for production",
    )
