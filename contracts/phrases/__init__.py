"""The one box of the archive: a phrase as people write it, read into conditions that each can be taken off again."""

from contracts.phrases.chips import Chip, Field, Phrase
from contracts.phrases.reading import read_phrase
from contracts.phrases.words import Vocabulary

__all__ = ["Chip", "Field", "Phrase", "Vocabulary", "read_phrase"]
