"""The text inside the PDFs of the archive: read once, kept by page, found by any letter or run of letters in it."""
