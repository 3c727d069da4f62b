"""Routes of connection: for admins, for the other services, and for the browser."""

from services.connection.api.parts import Parts
from services.connection.api.routes import routes

__all__ = ["Parts", "routes"]
