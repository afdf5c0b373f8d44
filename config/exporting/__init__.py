"""Hand over everything a city owns, readable without this product (docs/adr/0035-export.md)."""
