"""How a version of the rules comes in as a file, and when it begins."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.forms.fields import DATE_HINT, JapaneseDateField, NameField
from contracts.rules import RuleError, files

LARGEST_FILE = 2_000_000


class RuleFileForm(forms.Form):
    """A rule file; cleaned, `data` holds the checked rules of it."""

    file = forms.FileField(label="規則のファイル", help_text="書き出したものと同じ形（TOML、UTF-8）、2MBまで。")

    def clean_file(self) -> Any:
        """Read the file whole; raise ValidationError with the line or the key that is wrong."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(f"ファイルが大きすぎます（{file.size / 1_000_000:.1f}MB）。2MBまでです。")
        try:
            self.data_read = files.read(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as wrong:
            raise ValidationError("文字として読めません。UTF-8 で保存したファイルを選んでください。") from wrong
        except RuleError as wrong:
            raise ValidationError(str(wrong)) from wrong
        return file


class PublishForm(forms.Form):
    """From which day a version applies, and its name."""

    effective_date = JapaneseDateField(
        label="適用開始日", help_text=f"きょう以降の日。この日から登録する案件に使います。{DATE_HINT}"
    )
    version = NameField(
        label="版の名",
        max_length=200,
        required=False,
        help_text="例：令和8年度改正版。空けておくと「令和8年4月1日適用版」のように付けます。",
    )
