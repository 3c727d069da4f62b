"""RabbitMQ: envelopes, topology, a confirming publisher, a batching consumer."""
