"""The use cases of the package watcher."""
