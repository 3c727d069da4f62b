"""Why a snapshot is refused."""


class SnapshotError(Exception):
    """The file cannot be loaded, or the state cannot be written; the text says why."""
