"""Files that people drop: notices, certificates, saved mails, and the contractor's own papers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Department, Organization
from guarantees.models import PRIVATE, PaperSlot
from guarantees.services.arriving import MOST_FILES, Dropped
from guarantees.services.refusals import REVEAL_REASON_LENGTH

MEGABYTE = 1024 * 1024
PDF, PDF_OR_MAIL = "application/pdf,.pdf", "application/pdf,.pdf,message/rfc822,.eml"
TOO_BIG = _("ファイルが大きすぎます。1ファイルの上限は%(limit)sMBです。")
CHOOSE = {"required": "ファイルを選んでください。", "empty": "選んだファイルは空（0 バイト）です。"}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleaned, they are read and within the city's limit."""

    def __init__(self, *, accept: str, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(widget=FilesInput(attrs={"accept": accept, "multiple": True}), error_messages=CHOOSE, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(each, initial) for each in given or [None]]
        if len(files) > MOST_FILES:
            raise ValidationError(_("一度に選べるのは%(most)s件までです。"), params={"most": MOST_FILES})
        for file in files:
            if file is not None and file.size > self.limit:
                raise ValidationError(TOO_BIG, params={"limit": self.limit // MEGABYTE})
        return [file for file in files if file is not None]


class NoticeDropForm(forms.Form):
    """What a contractor drops: notices, and certificates where the city asks for them (R88, R115)."""

    def __init__(self, *args: Any, city: Organization, with_certificate: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = city.max_file_bytes
        self.fields["notice"] = FilesField(
            accept=PDF,
            limit=limit,
            required=not with_certificate,
            label="認証キー等のお知らせ（PDF）",
            help_text="保証機関の画面からダウンロードした PDF です。いくつかの保証を、まとめて選べます。",
        )
        if with_certificate:
            self.fields["certificate"] = FilesField(
                accept=PDF,
                limit=limit,
                required=False,
                label="保証証書の画面（PDF）",
                help_text="電子証書の内容を確認する画面を、PDF に印刷したものです。",
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError(CHOOSE["required"])
        return cleaned

    @property
    def dropped(self) -> list[Dropped]:
        """Return the files, as the service takes them."""
        notices = [Dropped(file.name, file.read()) for file in self.cleaned_data["notice"]]
        others = self.cleaned_data.get("certificate", ())
        return notices + [Dropped(file.name, file.read(), as_certificate=True) for file in others]


class ReceiveForm(forms.Form):
    """What a clerk drops: a saved mail, or PDFs that came some other way (R90)."""

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = FilesField(
            accept=PDF_OR_MAIL,
            limit=city.max_file_bytes,
            label="届いたメール、またはお知らせの PDF",
            help_text="メールは .eml で保存したものを一通。添付のお知らせを読み取り、件名などから案件を探します。",
        )

    @property
    def dropped(self) -> list[Dropped]:
        """Return the files, as the service takes them."""
        return [Dropped(file.name, file.read()) for file in self.cleaned_data["files"]]


class MoreForm(forms.Form):
    """A missing or better paper of an arrival."""

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = FilesField(
            accept=PDF,
            limit=city.max_file_bytes,
            label="書類（PDF）",
            required=False,
            help_text="お知らせか保証証書かは、読み取って見分けます。同じ種類の書類は、新しいものに替わります。",
        )

    @property
    def dropped(self) -> list[Dropped]:
        """Return the files, as the service takes them."""
        return [Dropped(file.name, file.read()) for file in self.cleaned_data["files"]]


class PrivatePaperForm(forms.Form):
    """A paper of the contractor's own (R109)."""

    slot = forms.ChoiceField(
        label="種類",
        widget=forms.RadioSelect,
        choices=lambda: [(slot.value, _(slot.label)) for slot in PRIVATE],
        error_messages={"required": "種類を選んでください。"},
    )
    file = forms.FileField(
        label="PDF ファイル",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": PDF}),
        error_messages=CHOOSE,
    )
    shared = forms.BooleanField(label="発注者にも見せる", required=False)

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = city.max_file_bytes
        self.fields["file"].help_text = _("1ファイル%(limit)sMBまで。") % {"limit": self._limit // MEGABYTE}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self._limit:
            raise ValidationError(TOO_BIG, params={"limit": self._limit // MEGABYTE})
        return file

    @property
    def typed(self) -> dict[str, Any]:
        """Return what was given, as the service takes it."""
        file = self.cleaned_data["file"]
        slot = PaperSlot(self.cleaned_data["slot"])
        return {"slot": slot, "name": file.name, "content": file.read(), "shared": self.cleaned_data["shared"]}


class OpenPaperForm(forms.Form):
    """Why a clerk opens a paper that bears the key."""

    reason = forms.CharField(
        label="開く理由",
        max_length=REVEAL_REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="例: D-Sureで電子証書を閲覧するため",
        error_messages={"required": "認証キーの書かれた書類を開く理由を入力してください。"},
    )


class RouteForm(forms.Form):
    """The department that a guarantee goes to."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"] = forms.ModelChoiceField(
            label="振り分ける課",
            queryset=Department.objects.visible_to(actor).order_by("name"),
            empty_label="選んでください",
            help_text="選んだ課へ、届いたことをメールでお知らせします。",
            error_messages={"required": "振り分ける課を選んでください。"},
        )


class CaseSearchForm(forms.Form):
    """Words by which a clerk looks for the case of what came."""

    q = forms.CharField(
        label="工事番号、工事名、受注者",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
