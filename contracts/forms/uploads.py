"""A PDF that staff add to what is signed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organization
from contracts.forms.fields import NameField
from contracts.models import DocumentKind

MEGABYTE = 1024 * 1024
UPLOADED = (DocumentKind.SPECIFICATION, DocumentKind.APPENDIX)


class DocumentForm(forms.Form):
    """A PDF that is signed together with the contract."""

    kind = forms.ChoiceField(label="種類", choices=[(each.value, each.label) for each in UPLOADED])
    title = NameField(label="文書名", max_length=200, help_text="署名の画面で、タブの見出しになります。例: 特記仕様書")
    file = forms.FileField(
        label="PDF ファイル", max_length=255, widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
    )

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = city.max_file_bytes
        taken = "電子署名は、有効なものに限ります。" if city.accepts_signed else "電子署名のないものに限ります。"
        self.fields["file"].help_text = (
            f"1ファイル{self._limit // MEGABYTE}MBまで。パスワードのかかったものは選べません。{taken}"
            "入力欄や自動で動く仕掛けがあれば、見え方を変えずに整え、何をしたかをお示しします。"
        )

    def clean_file(self) -> Any:
        file, limit = self.cleaned_data["file"], self._limit // MEGABYTE
        if file.size > self._limit:
            size = f"ファイルが大きすぎます（約{-(-file.size // MEGABYTE)}MB）。"
            raise ValidationError(f"{size}1ファイルの上限は{limit}MBです。分けるか小さくしてください。")
        return file
