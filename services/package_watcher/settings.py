"""What an operator configures of the package watcher."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.runtime.settings import DeploymentSettings

SOURCE = Path(__file__).resolve().parents[2] / "deploy" / "salesforce" / "src"


class Settings(DeploymentSettings):
    """The deployment's settings and this service's own."""

    database_url: SecretStr = Field(validation_alias="CAUSEWAY_PACKAGE_WATCHER_DATABASE_URL")
    package_source: Path = Field(
        default=SOURCE,
        validation_alias="CAUSEWAY_PACKAGE_WATCHER_SOURCE",
        description="the directory with package.xml that the method deploy sends",
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
