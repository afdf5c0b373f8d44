from typing import Any

from botocore.exceptions import ClientError
from django.core.files.storage import storages
from django.core.management.base import BaseCommand
from storages.backends.s3 import S3Storage


class Command(BaseCommand):
    help = "ファイルの置き場が S3 なら、入れ物（バケット）を用意します。"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        for alias in ("vault", "anchors"):
            storage = storages[alias]
            if isinstance(storage, S3Storage):
                self._ensure(storage)

    def _ensure(self, storage: S3Storage) -> None:
        client = storage.connection.meta.client
        try:
            client.head_bucket(Bucket=storage.bucket_name)
        except ClientError as error:
            # 権限がないなど、「ない」以外は人が直すこと。
            if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
                raise
            client.create_bucket(Bucket=storage.bucket_name)
            self.stdout.write(f"{storage.bucket_name} を作りました。")
