"""Contracts that were concluded elsewhere (another vendor's service, or on paper and scanned), on their way in."""
