"""How a contractor's signer is known: the least the rules ask for, by the amount of the contract (電子署名法3条)."""

from contracts.rules import choices, defaults
from contracts.rules.nodes import Rules

WEAKEST_FIRST = tuple(choices.LEVELS)


def signing_level(rules: Rules, *, amount: int) -> str:
    """Give the least level for a contract of an amount in yen: that of the largest from_amount that it reaches."""
    reached = [each for each in signing_levels(rules) if each["from_amount"] <= amount]
    return str(max(reached, key=lambda each: int(each["from_amount"]))["level"])


def signing_levels(rules: Rules) -> list[Rules]:
    """List the levels from the smallest amount on; there is always one from 0 yen."""
    return sorted(defaults.value(rules, "signing", "levels"), key=lambda each: int(each["from_amount"]))


def strongest(*levels: str) -> str:
    """Give the strongest of some levels; "" stands for none."""
    return max((level for level in levels if level), key=WEAKEST_FIRST.index)


def stronger_than(level: str) -> tuple[str, ...]:
    """List the levels above one, the weakest first."""
    return WEAKEST_FIRST[WEAKEST_FIRST.index(level) + 1 :]
