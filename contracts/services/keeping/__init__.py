"""Keep the records of contracts for their term, hold them beyond it, and dispose of them by the decision of three."""
