"""The guarantor's side: apply, underwrite, issue, and show a certificate to the orderer who has its key."""
