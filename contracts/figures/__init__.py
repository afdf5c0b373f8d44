"""What electronic contracts and guarantees have brought in a fiscal year, by department and across municipalities."""
