"""Pure decisions about connections and their grants: no clock, no I/O, no framework."""
