"""Settings of the sign-in of staff: the same everywhere, so nothing here reads the environment."""

from datetime import timedelta

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # 大文字小文字を区別しない一意制約 one_user_per_address がある
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False  # 共用の端末に「ログインしたまま」を残さない
# 一時間に、一つの回線から求めるコードと試すコード、一つの宛先へ送るコード、公開の検証、使えないリンクの開き
LIMITS = {"code_asked": 30, "code_tried": 60, "code_to": 10, "verified": 120, "guessed": 300}
# 連携のトークン一つの求め、一つの回線からの通らない求め、使える接続元の外だったと書く数、ブラウザーの知らせ
LIMITS |= {"api": 7200, "api_refused": 300, "network_told": 1, "reported": 60}
# 失敗を数えるのはデータベース（accounts/services/tries.py）。Redis の限りは、押し寄せる回線だけを止める
ACCOUNT_RATE_LIMITS = {"login_failed": "", "login": "600/m/ip", "reauthenticate": "30/m/user"}
# 何回、何秒のうちに失敗したら待たせ、続けて何回で止めるか（NIST SP 800-63B: 百回まで）
SIGN_IN_LIMITS = {"password": (5, 300, 100), "code": (5, 300, 100), "network": (60, 300, None)}
ACCOUNT_FORMS = {"reset_password": "accounts.forms.ResetPasswordForm"}
MFA_FORMS = {"authenticate": "accounts.forms.AuthenticateForm", "reauthenticate": "accounts.forms.ReauthenticateForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# パスキーは、いつも端末の確かめ（指紋や PIN）とともに使う。だから一つで二要素になり、パスワードなしでも入れる
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# パスキーは当てられない。庁舎の回線から一斉に入る朝が止まらないように
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
MFA_TOTP_ISSUER = "むすび"
MFA_TOTP_TOLERANCE = 1
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL

# セッション ----------------------------------------------------------------------------------
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
# 職員のサインインは、始まりから 12 時間、操作のないまま 30 分で終わる（NIST SP 800-63B）。終わる前に画面が知らせる
SITTING_LASTS = timedelta(hours=12)
SITTING_IDLE = timedelta(minutes=30)
SITTING_WARNING = timedelta(minutes=27)
# 署名の前に二要素認証を求め直すまでの間
SECOND_FACTOR_FRESH = timedelta(minutes=15)
