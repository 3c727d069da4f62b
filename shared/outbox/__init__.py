"""Outbox, relay, inbox and mailbox: what makes at-least-once delivery once in effect."""
