"""Causeway's services. They know each other only through shared/contracts and HTTP."""
