"""The use cases of the mapping service."""
