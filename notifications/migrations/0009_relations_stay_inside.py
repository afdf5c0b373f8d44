"""Keep references inside one municipality."""

from django.db import migrations

from accounts.relations import KeepRelationsInside, KeepTenant


class Migration(migrations.Migration):
    # 一つの表ずつ確定する。いくつもの表の錠を、同時には持たない
    atomic = False
    dependencies = [
        ("notifications", "0008_room_for_whole_names"),
        ("accounts", "0012_relations_stay_inside"),
    ]

    operations = [
        KeepRelationsInside("notifications_reminder", {"delivery_id": "notifications_delivery"}),
        KeepTenant(
            "notifications_delivery",
            "notifications_mailpolicy",
            "notifications_mailwording",
            "notifications_reminder",
        ),
    ]
