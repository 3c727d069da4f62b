"""OAuth for HubSpot and Salesforce; owns the encrypted tokens; the only one that refreshes them."""
