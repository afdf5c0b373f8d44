import base64
from typing import ClassVar, Self

import pgtrigger
from django.db import models

from audit import canonical, labels


class EventQuerySet(models.QuerySet["Event"]):
    def of_tenant(self, tenant_id: int) -> Self:
        """Return a city's whole log, newest first."""
        return self.filter(tenant_id=tenant_id).order_by("-seq")

    def of_thread(self, tenant_id: int, thread: str) -> Self:
        """Return the log of one thing ("case:7"), newest first."""
        return self.of_tenant(tenant_id).filter(thread=thread)

    def before(self, seq: int | None) -> Self:
        """Continue below the last row of the page before."""
        return self if seq is None else self.filter(seq__lt=seq)


class Event(models.Model):
    """Something that happened. Rows are only ever added; each holds the hash of the one before it."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    tenant_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    actor_kind = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=300, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    subject = models.CharField(max_length=100, blank=True)
    thread = models.CharField(max_length=100, blank=True)
    data = models.TextField(default="{}")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[models.Manager["Event"]] = models.Manager.from_queryset(EventQuerySet)()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "thread", "-seq"], name="event_thread"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="events_are_counted_from_one"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="events_are_only_added", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.seq} {self.action}"

    @property
    def label(self) -> str:
        return labels.of(self.action)

    @property
    def text(self) -> str:
        """Return the canonical text over which, after the hash of the event before, this event's hash is taken."""
        fields = {name: getattr(self, name) for name in HASHED}
        return canonical.dumps(fields | {"at": canonical.instant(self.at)})

    def compute_hash(self) -> str:
        """Hash what this row holds, as `hash` promises it."""
        return canonical.digest(self.text, previous_hash=self.previous_hash)


HASHED = ("tenant_id", "seq", "action", "actor_kind", "actor_name", "ip", "subject", "thread", "data")


class Head(models.Model):
    """The end of a city's chain; its lock puts the writers in a row."""

    tenant_id = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=canonical.GENESIS)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="heads_start_empty", operation=pgtrigger.Insert, condition=pgtrigger.Q(new__seq__gt=0)
            ),
            pgtrigger.Protect(name="heads_stay", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="heads_only_advance",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("known", "boolean")],
                func="""
                    SELECT EXISTS (
                        SELECT 1 FROM audit_event e
                        WHERE e.tenant_id = NEW.tenant_id AND e.seq = NEW.seq
                          AND e.hash = NEW.hash AND e.previous_hash = OLD.hash
                    ) INTO known;
                    IF NEW.tenant_id <> OLD.tenant_id OR NEW.seq <> OLD.seq + 1 OR NOT known THEN
                        RAISE EXCEPTION 'audit_head may only advance to the next event';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.seq}"


class Anchor(models.Model):
    """A root over the end of every city's chain, following the anchor before; a time authority attests its hash."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    cities = models.IntegerField()
    root = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    token = models.BinaryField(default=b"")

    class Meta:
        ordering: ClassVar = ["number"]
        indexes: ClassVar = [
            models.Index(fields=["number"], name="anchor_without_token", condition=models.Q(token=b"")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="anchors_stay", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="anchors_follow_each_other",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("last", "record")],
                func="""
                    SELECT a.number, a.hash INTO last FROM audit_anchor a ORDER BY a.number DESC LIMIT 1;
                    IF NEW.number <> coalesce(last.number, 0) + 1
                       OR NEW.previous_hash <> coalesce(last.hash, repeat('0', 64)) THEN
                        RAISE EXCEPTION 'an anchor follows the one before';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="anchors_only_gain_a_token",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF OLD.token <> ''::bytea OR (to_jsonb(OLD) - 'token') <> (to_jsonb(NEW) - 'token') THEN
                        RAISE EXCEPTION 'an anchor only gains its token';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"

    @property
    def told(self) -> dict[str, str]:
        """Return what anyone needs to check this anchor, its token in Base64 (RFC 3161, DER; "" while it waits)."""
        token = base64.b64encode(self.token).decode()
        return {"text": self.text, "previous_hash": self.previous_hash, "hash": self.hash, "token": token}

    @property
    def text(self) -> str:
        """Return the canonical text over which, after the hash of the anchor before, this anchor's hash is taken."""
        fields = {"number": self.number, "cities": self.cities, "root": self.root}
        return canonical.dumps(fields | {"at": canonical.instant(self.at)})

    def compute_hash(self) -> str:
        """Hash what this row holds, as `hash` promises it."""
        return canonical.digest(self.text, previous_hash=self.previous_hash)


class AnchoredHead(models.Model):
    """How far an anchor holds a city's chain: its events `first` to `seq`, under a root of their own."""

    pk = models.CompositePrimaryKey("tenant_id", "anchor")
    tenant_id = models.BigIntegerField()
    anchor = models.BigIntegerField()
    first = models.BigIntegerField()
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    root = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant_id", "seq"], name="an_event_ends_one_stretch"),
            models.CheckConstraint(condition=models.Q(seq__gte=models.F("first")), name="a_stretch_has_events"),
        ]
        indexes: ClassVar = [models.Index(fields=["anchor"], name="stretches_of_an_anchor")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="anchored_heads_stay", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.first}-{self.seq} in {self.anchor}"

    @property
    def text(self) -> str:
        """Return the canonical text that is this city's leaf in the tree of its anchor."""
        names = ("tenant_id", "first", "seq", "hash", "root")
        return canonical.dumps({name: getattr(self, name) for name in names})
