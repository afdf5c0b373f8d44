"""The archive: what is concluded is filed here once, and found again by anything one remembers of it."""
