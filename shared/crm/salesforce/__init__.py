"""Salesforce's REST, Tooling and Metadata APIs, as far as a sync needs them."""
