"""Backups of all that an installation keeps: made, pruned, restored, and proved (docs/adr/0034-backups.md)."""
