"""Routes of contact_sync: records, previews, journal, errors, imports."""

from services.contact_sync.api.routes import routes

__all__ = ["routes"]
