"""What a mail says, written once: a city's or the standard words, the facts of the event, and one common frame."""

from notifications.words.engine import MissingVariable
from notifications.words.patterns import Refused, one_line
from notifications.words.standard import Standard
from notifications.words.writing import Own, Words, write

__all__ = ["MissingVariable", "Own", "Refused", "Standard", "Words", "one_line", "write"]
