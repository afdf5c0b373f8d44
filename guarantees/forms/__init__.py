"""What contractors and clerks type about guarantees: handing in, checking and deciding."""
