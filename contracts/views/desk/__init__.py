"""The auditor's desk: files of what was found, drawn sets, and packs."""
