"""Routes of the package watcher: /api/v1/packages."""

from services.package_watcher.api.routes import Doors, routes

__all__ = ["Doors", "routes"]
