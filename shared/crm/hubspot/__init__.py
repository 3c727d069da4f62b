"""HubSpot's HTTP API, as far as a sync needs it (facts: hubspot-api)."""
