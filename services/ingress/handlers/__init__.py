"""The use cases of ingress: accept a webhook, split it, poll, follow the connections."""
