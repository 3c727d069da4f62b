"""Pure decisions about API budgets: no clock, no I/O, everything comes in as an argument."""
