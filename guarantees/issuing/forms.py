"""What is typed in a guarantor's books. The forms read and check; deciding is the services' business."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.actors import Actor
from contracts.forms.fields import DATE_HINT, AddressField, JapaneseDateField, NameField, YenField, in_order
from guarantees.forms.submitting import PLAIN, TYPE_AGAIN, SecretInput
from guarantees.issuing.services.applying import Wish
from guarantees.models import GuaranteeType
from guarantees.models.issuing import Correspondent, Side
from guarantees.states import IssueState


class EntryForm(forms.Form):
    """The address to which a correspondent wants their link."""

    email = AddressField(
        label="登録したメールアドレス",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "メールアドレスを入力してください。"},
    )


class WishForm(forms.Form):
    """What is to be guaranteed (R101)."""

    work_title = NameField(
        label="工事名", max_length=300, error_messages={"required": "契約書のとおりに、工事名を入力してください。"}
    )
    price = YenField(label="請負金額（総額）", error_messages={"required": "請負金額の総額を入力してください。"})
    base_price = YenField(
        label="請負金額（対象額）",
        required=False,
        help_text="前払金の対象になる額が、総額と異なるときだけ入力してください。",
    )
    amount = YenField(label="保証金額", error_messages={"required": "保証金額を入力してください。"})
    work_from = JapaneseDateField(
        label="工期の始まり", help_text=DATE_HINT, error_messages={"required": "工期の始まりを入力してください。"}
    )
    work_until = JapaneseDateField(
        label="工期の終わり", error_messages={"required": "工期の終わりを入力してください。"}
    )
    deposit_bank = NameField(
        label="前払金預託金融機関",
        max_length=100,
        required=False,
        help_text="前払金保証と中間前払金保証では必要です。例: 〇〇銀行 △△支店",
    )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        in_order(self, typed, "work_from", "work_until", "工期の終わりが、始まりより前になっています。")
        return typed

    @property
    def wish(self) -> Wish:
        """Return what was typed, as the services take it."""
        names = ("work_title", "price", "base_price", "amount", "work_from", "work_until", "deposit_bank")
        return Wish(**{name: self.cleaned_data[name] for name in names})


class ApplicationForm(WishForm):
    """A new application, towards one of the orderers that take electronic guarantees of this guarantor."""

    field_order = ["type", "orderer"]

    type = forms.ChoiceField(
        label="保証の種類",
        choices=lambda: _said(GuaranteeType.choices),
        widget=forms.RadioSelect,
        help_text="契約保証予約（入札ボンド）は、電子保証の対象外です。",
        error_messages={"required": "保証の種類を選んでください。"},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orderers = Correspondent.objects.visible_to(actor).filter(side=Side.ORDERER)
        self.fields["orderer"] = forms.ModelChoiceField(
            label="発注者",
            queryset=orderers.order_by("name"),
            empty_label=_("選んでください"),
            help_text="電子保証に対応している発注者です。",
            error_messages={"required": "発注者を選んでください。"},
        )
        self.order_fields(self.field_order)


class SearchForm(forms.Form):
    """Which certificates to list; those that stand, until something else is asked for (R104)."""

    type = forms.ChoiceField(
        label="区分", required=False, choices=lambda: _said([("", "すべて"), *GuaranteeType.choices])
    )
    state = forms.ChoiceField(
        label="状態", required=False, choices=lambda: _said([("", "すべて"), *IssueState.choices])
    )
    words = forms.CharField(label="発注者・工事名・番号", required=False, max_length=100)


class ViewForm(forms.Form):
    """The number and key by which an orderer opens a certificate (R91)."""

    number = forms.CharField(
        label="保証契約番号",
        max_length=64,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"required": "保証契約番号を入力してください。"},
    )
    key = forms.CharField(
        label="認証キー",
        max_length=64,
        widget=SecretInput(attrs=PLAIN),
        help_text="『電子証書閲覧用「認証キー」等のお知らせ』に記載の文字です。",
        error_messages={"required": "認証キーを入力してください。"},
    )

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and not self.has_error("key"):
            self.add_error("key", TYPE_AGAIN)


class EntryOfBooksForm(forms.Form):
    """How to name and reach a contractor or an orderer."""

    name = NameField(
        label="名称",
        max_length=200,
        help_text="保証契約者は商号、発注者は証書に書く名（〇〇市長 など）を入力してください。",
        error_messages={"required": "名称を入力してください。"},
    )
    address = NameField(label="所在地", max_length=200, required=False, help_text="保証契約者では証書に載ります。")
    email = AddressField(
        label="メールアドレス",
        help_text="画面のリンクを、このアドレスへ送ります。",
        error_messages={"required": "メールアドレスを入力してください。"},
    )
    phone = forms.CharField(label="電話番号", max_length=40, required=False)


class CorrespondentForm(EntryOfBooksForm):
    """A contractor or an orderer to deal with."""

    field_order = ["side"]

    side = forms.ChoiceField(
        label="区分",
        choices=Side.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "区分を選んでください。"},
    )


def initial_of(wish: Any) -> dict[str, Any]:
    """Give a change its starting point: what the certificate says now."""
    days = {"work_from": _typed(wish.work_from), "work_until": _typed(wish.work_until)}
    names = ("work_title", "price", "base_price", "amount", "deposit_bank")
    return {name: getattr(wish, name) for name in names} | days


def _typed(day: date) -> str:
    return day.strftime("%Y/%m/%d")


def _said(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Say the choices in the language of the page."""
    return [(value, _(label)) for value, label in choices]
