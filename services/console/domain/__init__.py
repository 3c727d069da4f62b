"""What pages show, as values: answers of other services read tolerantly, without a framework."""
