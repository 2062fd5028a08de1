"""The editor's forms: a board, and a chart on it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.checking import by_choices, categories, faults
from dashboard.models import Board, Chart, Kind
from dashboard.reading import dimensions_of, shape_of
from dashboard.rules import CLOCK, KINDS, refusal
from dashboard.words import REFUSALS
from figures.permissions import readable
from figures.registry import dimension, registry
from foundation.forms import CityFormMixin, RadioCards
from organisation.models import Agency

SITE = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")
TEXTS = ("title", "title_en")  # what a preview can do without


class _Placed(CityFormMixin, forms.ModelForm):
    """What boards and charts share: an agency and a category of the pack."""

    category = forms.ChoiceField(label=gettext_lazy("分類"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("不分類")), *categories()]
        self.fields["agency"].queryset = Agency.objects.active()
        self.fields["agency"].empty_label = _("不指定")
        for name in [name for name in self.fields if f"{name}_en" in self.fields]:  # whatever the editor's language
            self.fields[name].widget.attrs["lang"] = "zh-Hant-TW"
            self.fields[f"{name}_en"].widget.attrs["lang"] = "en"


class BoardForm(_Placed):
    """What a board is called and for whom it is."""

    class Meta:
        model = Board
        fields = (
            "title", "title_en", "slug", "lead", "lead_en", "audience", "agency", "category", "order", "is_published",
            "frame_sites",
        )  # fmt: skip
        widgets = {"audience": forms.RadioSelect, "frame_sites": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].help_text = _("網址的最後一段，例如 road-repair；改了以後，舊網址就找不到了。")
        self.fields["order"].help_text = _("數字小的排在前面。")
        self.fields["frame_sites"].help_text = _("一行一個，例如 https://www.kcg.gov.tw；留空表示不能嵌入。")

    def clean_frame_sites(self) -> str:
        """Origins, one a line: no path, no wildcard."""
        sites = self.cleaned_data["frame_sites"].lower().split()
        for site in sites:
            if not SITE.fullmatch(site):
                raise ValidationError(
                    _("「可以嵌入的網站」的「%(site)s」寫法不對，例如 https://www.kcg.gov.tw。") % {"site": site}
                )
        return "\n".join(dict.fromkeys(sites))

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("audience") == "agency" and not said.get("agency"):
            self.add_error("agency", _("給「機關內部」看的儀表板，請選擇「業務機關」。"))
        if said.get("audience") != "public" and said.get("frame_sites"):
            self.add_error("frame_sites", _("不公開的儀表板不能嵌入其他網站，請清空「可以嵌入的網站」。"))
        return said


class _KindCards(RadioCards):
    """The kinds of chart, each that does not fit with the reason under its name, and not to be chosen."""

    def __init__(self, refused: dict[str, Any]) -> None:
        super().__init__(hints=refused)
        self.refused = refused

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.refused and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option


class ChartForm(_Placed):
    """Which figures, broken down by what, as which kind of chart: what fits is offered, the rest says why not."""

    figures = forms.MultipleChoiceField(label=gettext_lazy("指標"), required=False)
    by = forms.ChoiceField(label=gettext_lazy("依什麼呈現"), required=False)
    split = forms.ChoiceField(label=gettext_lazy("每一段再分成"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("圖表種類"), choices=Kind.choices)

    class Meta:
        model = Chart
        fields = (
            "figures", "by", "split", "span", "kind", "better", "title", "title_en", "note", "note_en", "source",
            "source_en", "use_case", "use_case_en", "agency", "category",
        )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readable = [each for each in readable(user) if self.instance.board.audience != "public" or each.public]
        known = {each.code for each in self.readable}
        self.codes = [code for code in self._said_list("figures", self.instance.figures) if code in known]
        self.fields["figures"].choices = [(each.code, str(each.label)) for each in self.readable]
        has = dimensions_of(self.codes)
        for name, choices in (("by", by_choices(self.codes)), ("split", self._splits(has))):
            said = self._said(name, getattr(self.instance, name))
            # What no longer fits stays chosen, so that the message about it makes sense.
            unfit = [] if said in dict(choices) else [(said, said)]
            self.fields[name].choices = [*choices, *unfit]
        self.withins = [each for each in sorted(has) if each != CLOCK]
        for name in self.withins:
            label = str(dimension(name).label)
            self.fields[f"within-{name}"] = forms.ChoiceField(
                label=_("只看某個%(what)s") % {"what": label},
                required=False,
                initial=self.instance.within.get(name, ""),
                choices=[("", _("全部")), *dimension(name).members()],
            )
        self.say_plainly({name: self.fields[name] for name in self.fields if name.startswith("within-")})
        self.fields["kind"].widget = _KindCards(self._refused())
        self.fields["kind"].widget.choices = Kind.choices

    def _said(self, name: str, otherwise: str) -> str:
        return self.data.get(name, "") if self.is_bound else otherwise

    def _said_list(self, name: str, otherwise: list[str]) -> list[str]:
        return self.data.getlist(name) if self.is_bound else otherwise

    @staticmethod
    def _splits(has: set[str]) -> list[tuple[str, str]]:
        return [("", _("不再分")), *((name, str(dimension(name).label)) for name in sorted(has) if name != CLOCK)]

    def _refused(self) -> dict[str, Any]:
        """Which kinds do not fit what is chosen, and why."""
        chart = Chart(
            figures=self.codes,
            by=self._said("by", self.instance.by),
            split=self._said("split", self.instance.split),
        )
        shape = shape_of(chart)
        return {kind: REFUSALS[why] for kind in KINDS if (why := refusal(kind, shape))}

    @property
    def fitting(self) -> list[str]:
        """The kinds that fit what is chosen."""
        return [kind for kind in KINDS if kind not in self.fields["kind"].widget.refused]

    @property
    def topics(self) -> list[dict[str, Any]]:
        """The figures by the desk that declares them, for the list to choose from."""
        found: dict[str, dict[str, Any]] = {}
        for each in self.readable:
            topic = found.setdefault(str(registry.topic_of(each)), {"figures": [], "chosen": 0})
            topic["figures"].append({"code": each.code, "label": each.label, "unit": each.unit})
            topic["chosen"] += each.code in self.codes
        return [{"label": label, **topic} for label, topic in found.items()]

    @property
    def within_fields(self) -> list[forms.BoundField]:
        return [self[f"within-{name}"] for name in self.withins]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self.instance.within = {name: value for name in self.withins if (value := said.get(f"within-{name}"))}
        return said

    def _post_clean(self) -> None:
        super()._post_clean()
        for field, message in faults(self.instance, self.instance.board):
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, message)
