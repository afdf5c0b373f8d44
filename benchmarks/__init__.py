"""How long the heavy parts take on this machine. Nothing here is asserted: numbers are for reading."""
