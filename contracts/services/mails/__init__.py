"""Mails about a case after they have been written: sent again, put right, taken back; and addresses looked at twice."""
