"""How soon the pages of a morning stand there, in a city with thousands of cases under way."""
