"""What the archives of all municipalities come to, for those who run this installation: kept up by rows.

The tables have no municipality, and the application's role may not touch them: a trigger on the archive writes the
changes, functions of the owner add them up, and only the operators' role reads.
"""

from django.db import models

from contracts.models.archive import Archived


class PartyTotal(models.Model):
    """One counterparty, by its folded name, and one sort of thing: how many current entries, and for how much."""

    key = models.CharField(max_length=200)
    what = models.PositiveSmallIntegerField(choices=Archived)
    # 最後に載った書き方
    name = models.CharField(max_length=200)
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "what"], name="one_total_per_party")]

    def __str__(self) -> str:
        return self.name


class PartyYear(models.Model):
    """The part of a counterparty's total that falls into a fiscal year."""

    party = models.ForeignKey(PartyTotal, on_delete=models.CASCADE, related_name="years", db_index=False)
    fiscal_year = models.PositiveSmallIntegerField()
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "fiscal_year"], name="one_total_per_party_and_year")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.fiscal_year}"


class TotalChange(models.Model):
    """What an entry, or many of one counterparty at once, changed: waits here until it is added to the totals."""

    key = models.CharField(max_length=200)
    what = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    fiscal_year = models.PositiveSmallIntegerField()
    count = models.BigIntegerField()
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.key} {self.count:+}"


class GramShare(models.Model):
    """In which share of all current entries (0–1) two letters in a row occur; from a sample, in a column of keys."""

    column = models.CharField(max_length=20)
    gram = models.BigIntegerField()
    share = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["column", "gram"], name="one_share_per_gram")]

    def __str__(self) -> str:
        return f"{self.column} {self.gram}"
