"""Salesforce tasks to HubSpot tasks and back; HubSpot timeline events to Salesforce tasks."""
