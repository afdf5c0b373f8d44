"""What staff type about how long records are kept, and about their disposal."""

from typing import Any

from django import forms

from contracts.elsewhere.packages import INDEX_SUFFIX, MEBIBYTE, MOST_FILES, MOST_PACKED
from contracts.forms.fields import DATE_HINT, JapaneseDateField


class CompletedForm(forms.Form):
    """The day on which the works of a contract concluded elsewhere were completed."""

    completed_date = JapaneseDateField(label="履行完了日", help_text=f"保存期間は、この日から数えます。{DATE_HINT}")


class HoldForm(forms.Form):
    """Why some records may not be disposed of."""

    reason = forms.CharField(
        label="保留の理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例: 住民訴訟（事件番号）のため、監査の対象のため、情報公開請求への対応のため。",
    )


class ReleaseForm(forms.Form):
    """Why a hold ends."""

    reason = forms.CharField(label="解除の理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class UpToForm(forms.Form):
    """Up to which day the terms ended that a disposal is about."""

    up_to = JapaneseDateField(label="この日までに保存期間の終わったもの", help_text=DATE_HINT)


class PackagesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PackageField(forms.FileField):
    """One ZIP, or PDFs and their index chosen together; cleaned, a list of files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        found = [super(PackageField, self).clean(each, initial) for each in given or [None]]
        if len(found) > MOST_FILES + 1:
            raise forms.ValidationError(f"一度に選べるのは、PDF {MOST_FILES}件と索引までです。分けてお送りください。")
        if sum(file.size for file in found) > MOST_PACKED:
            raise forms.ValidationError(f"合わせて{MOST_PACKED // MEBIBYTE}MBまでです。分けてお送りください。")
        if len(found) == 1 and found[0].name.lower().endswith(INDEX_SUFFIX):
            raise forms.ValidationError("索引だけが選ばれています。契約書の PDF も、いっしょに選んでください。")
        return found


class PackageForm(forms.Form):
    """Contracts concluded elsewhere, with their index."""

    file = PackageField(
        label="ZIP ファイル、または PDF と索引の CSV",
        max_length=255,
        widget=PackagesInput(attrs={"accept": ".zip,.pdf,.csv", "multiple": True}),
        help_text=(
            f"一つの ZIP か、すべての PDF と索引の CSV をまとめて選びます。"
            f"一度に{MOST_FILES}件、{MOST_PACKED // MEBIBYTE}MBまで。"
        ),
    )
