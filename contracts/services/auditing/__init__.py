"""What leaves the archive for an audit, and the sets that an audit looks into."""
