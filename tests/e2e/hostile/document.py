"""The OpenAPI document of all services together, and its routes."""

from collections.abc import Mapping
from typing import Any

METHODS = ("get", "put", "post", "patch", "delete")


def operations(document: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
