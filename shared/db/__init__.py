"""Postgres: engines, schemas, roles, migrations, notifications."""
