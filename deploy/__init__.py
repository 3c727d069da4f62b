"""How Causeway runs: images, manifests, and the servers behind a demo or a test run."""
