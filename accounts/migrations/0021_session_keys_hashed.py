from django.db import migrations

HASHED = """
update accounts_session set session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_networks_and_lower_case")]

    lock_safe_because = "サインイン中の端末の表だけ。多くて数万行で、一秒とかからない"

    operations = [migrations.RunSQL(HASHED, migrations.RunSQL.noop)]
