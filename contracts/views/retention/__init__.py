"""Pages about how long records are kept, and about their disposal."""
