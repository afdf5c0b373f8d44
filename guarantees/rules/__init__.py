"""Pure rules of guarantees: plain values in, plain values out (amounts to the yen, certificates against contracts)."""
