"""What the CRMs tell us: webhooks and polling, turned into change events."""
