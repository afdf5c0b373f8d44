"""How gunicorn serves: the same on one machine and in a container."""

import os

wsgi_app = "config.wsgi:application"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 60
graceful_timeout = 30
max_requests = 5_000
max_requests_jitter = 500
# 署名リンクの秘密は URL にあるので、アクセスの記録を残さない。
accesslog = None
control_socket_disable = True
# コンテナの / が読み取り専用でも、心拍の置き場は要る。
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
