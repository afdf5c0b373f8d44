from accounts.refusals import Refusal


class IssuingRefused(Refusal):
    """A guarantor cannot do this now."""
