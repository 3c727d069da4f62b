"""Commands that talk to a running deployment over its REST API, as a person with a token would."""
