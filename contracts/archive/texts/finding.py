"""Ask which entries of the archive have documents that hold a word."""

from django.db.models import Q
from django.db.models.expressions import RawSQL

from contracts.archive.texts import grams
from contracts.folding import body_keys


def holding(word: str) -> Q:
    """Return the condition that a document of an entry holds a word, as it reads when folded, however it is written.

    The function looks through the index of pairs, which row security would not let a query use, and takes the
    municipality from the transaction. A word that is all signs is no condition.
    """
    found = Q()
    for key in body_keys(word):
        entries = RawSQL("select contracts_archive_inside(%s, %s::int[])", (key, grams.sought(key)))
        found |= Q(pk__in=entries)
    return found
