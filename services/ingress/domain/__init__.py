"""What the CRMs' reports mean, as pure functions."""
