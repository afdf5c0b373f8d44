"""Refusals that a person can read."""


class RuleError(ValueError):
    """The rule data is wrong or does not say what was asked; the message names the key."""


class GuaranteeRefused(ValueError):
    """This municipality does not take such a guarantee electronically; the message says why."""
