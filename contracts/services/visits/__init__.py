"""立入り: someone of the operator reads the pages of a city for some hours; the city is told, watches, may end it."""
