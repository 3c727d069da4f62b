"""What an operator configures of the package watcher."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings

SOURCE = Path(__file__).resolve().parents[2] / "deploy" / "salesforce"


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_PACKAGE_WATCHER_DATABASE_URL")
    key_ring: SecretStr = Field(description="id:base64-of-32-bytes, the current key first")
    package_source: Path = Field(
        default=SOURCE,
        validation_alias="CAUSEWAY_PACKAGE_WATCHER_SOURCE",
        description="the directory with sfdx-project.json whose package the method deploy sends",
    )
    change_events: bool = Field(
        default=False,
        validation_alias="CAUSEWAY_PACKAGE_WATCHER_CHANGE_EVENTS",
        description="whether the method deploy also selects the five objects for change data "
        "capture; an org without an add-on may select five in all",
    )
    salesforce_app_name: str = Field(
        default="Causeway",
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$",
        description="the API name of the external client app in the org; the window is its canvas",
    )
    first_look_seconds: float = Field(
        default=2.0,
        gt=0,
        validation_alias="CAUSEWAY_PACKAGE_WATCHER_FIRST_LOOK_SECONDS",
        description="the pause before the first look at an installation; later ones grow",
    )
    slowest_look_seconds: float = Field(
        default=60.0,
        gt=0,
        validation_alias="CAUSEWAY_PACKAGE_WATCHER_SLOWEST_LOOK_SECONDS",
        description="the longest pause between two looks: news within that time",
    )
