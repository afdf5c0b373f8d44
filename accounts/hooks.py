"""What accounts asks of the apps above it: to tell people by mail what was done about them."""

from collections.abc import Callable
from datetime import datetime

from accounts.models import Organization, User

# 職員、市、パスワードを決めるリンク、時刻。同じトランザクションの中で呼ばれる。
on_password_link: list[Callable[[User, Organization, str, datetime], None]] = []
# 職員、市、時刻。
on_second_factor_reset: list[Callable[[User, Organization, datetime], None]] = []
# 職員、市、新しいアドレス、確認のリンク、時刻。
on_address_asked: list[Callable[[User, Organization, str, str, datetime], None]] = []
# 職員、市、前のアドレス、時刻。
on_address_changed: list[Callable[[User, Organization, str, datetime], None]] = []
