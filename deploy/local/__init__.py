"""A Postgres and a RabbitMQ for this machine: found, started privately, or installed.

Only the standard library is imported here (testcontainers lazily), because this package runs before
much else is there. docs/architecture/local.md tells the order and the reasons.
"""
