"""Typed clients of the two CRMs; what they share is here, what differs in a package each."""
