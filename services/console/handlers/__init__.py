"""Composes what a page shows from the other services' answers, and sends commands to them."""
