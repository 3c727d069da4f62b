"""The use cases of the connection service."""
