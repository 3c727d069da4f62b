"""Decisions of activity_sync: pure functions over frozen values, no clock, no network."""
