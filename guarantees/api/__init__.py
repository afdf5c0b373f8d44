"""What the city's other systems ask and tell about guarantees, as JSON behind a token."""
