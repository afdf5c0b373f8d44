"""The pages of guarantees: the contractor's, by a mailed link, and those of the people who receive them."""
