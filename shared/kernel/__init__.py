"""Words and primitives without I/O: standard library only (and the UUIDv7 source)."""
