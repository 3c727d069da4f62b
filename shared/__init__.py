"""Mechanisms that every service stands on; another product could use them unchanged."""
