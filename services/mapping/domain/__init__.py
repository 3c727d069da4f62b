"""Decisions of the mapping service: which fields go together, which step of the setup is next."""
