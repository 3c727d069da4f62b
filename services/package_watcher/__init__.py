"""Installs the Salesforce package and watches it until it is in place."""
