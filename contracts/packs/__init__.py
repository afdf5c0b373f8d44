"""Audit packs: everything that is kept of a contract, in one archive that proves itself without us."""
