"""What the city's other systems ask and tell, as JSON behind a token."""
