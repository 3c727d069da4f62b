"""Contacts and leads: match, decide, write, settle."""
