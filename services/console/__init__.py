"""The web pages: setup, health, records, journal."""
