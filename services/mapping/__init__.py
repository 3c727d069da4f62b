"""Setup choices, sync settings, field mappings and sync rules, as immutable versions."""
