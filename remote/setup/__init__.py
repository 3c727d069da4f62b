"""The whole setup from a file: each step looks at what is there, and does what is missing."""
