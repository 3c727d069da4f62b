"""Daily API budgets, handed out as leases."""
