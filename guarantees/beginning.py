"""What a new city sets up for guarantees, for the page はじめに."""

from django.urls import reverse

from accounts.actors import Actor
from contracts.hooks import Beginning
from guarantees.models import Institution


def steps(actor: Actor) -> list[Beginning]:
    """List the guarantors' register."""
    count = Institution.objects.visible_to(actor).count()
    text = "保証証書を受け取る保証事業会社、損害保険会社、銀行を登録します。"
    said = f"{count}件を登録しています" if count else ""
    return [Beginning("保証機関を登録する", text, reverse("institution_list"), is_done=count > 0, said=said)]
