"""一台で動かすための部品: PostgreSQL、Redis、試験用の認証局と TSA、メールの受け皿。127.0.0.1 だけで待つ。"""

# 試験用の認証局が見本の保証機関に出す証明書の名義
GUARANTOR_SEAL = "Nishinihon Kensetsu Hosho (self-signed, for trial use)"
