"""Advance payments: gated by their guarantee, counted to the yen, given back when the price falls (§2.5)."""
