"""What happens in a guarantor's books; each step in a module of its own."""
