"""The environment variables that the settings of the services are read from."""

from pydantic import AliasChoices, AliasPath

from shared.runtime.settings import DeploymentSettings


def variables(kind: type[DeploymentSettings]) -> dict[str, str]:
    """The variable of each field of a settings class."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    return {
        name: _alias(field.validation_alias) or f"{prefix}{name}".upper()
        for name, field in kind.model_fields.items()
    }


def _alias(alias: str | AliasPath | AliasChoices | None) -> str:
    if alias is None or isinstance(alias, str):
        return alias or ""
    raise TypeError(f"{alias} stands for several variables; give the field one name.")
