"""The use cases of contact_sync: note changes, drain a lane, walk an import."""
