"""A browser without JavaScript for tests: it sends what stands in the page's forms, and nothing else."""

from __future__ import annotations

import io
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from messages.models import Message

IN_LINGYA = (120.3120, 22.6208)  # a point in 苓雅區
IN_TAIPEI = (121.5170, 25.0478)


def picture(
    colour: str = "red", *, at: tuple[float, float] | None = None, name: str = "hole.jpg"
) -> SimpleUploadedFile:
    """A real JPEG; ``at`` writes where it was taken into it."""
    exif = Image.Exif()
    if at:
        lon, lat = at
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N", _sexagesimal(lat)
        gps[3], gps[4] = "E", _sexagesimal(lon)
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(kept, "JPEG", exif=exif)
    return SimpleUploadedFile(name, kept.getvalue(), content_type="image/jpeg")


def _sexagesimal(angle: float) -> tuple[float, float, float]:
    degrees, rest = divmod(angle, 1)
    minutes, rest = divmod(rest * 60, 1)
    return degrees, minutes, rest * 60


class Form:
    """A form of a page: where it goes, what is in it, and its buttons in their order."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.values: dict[str, str] = {}
        self.names: set[str] = set()
        self.choices: dict[str, list[str]] = {}
        self.buttons: list[dict[str, str]] = []


class _Reader(HTMLParser):
    """Reads the forms of a page as browsers do; enough for the pages that this house writes."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._form)
        form = self._form
        if form is None:
            return
        name = found.get("name", "")
        if tag == "button" and found.get("type", "submit") == "submit":
            form.buttons.append(found)
        elif tag == "textarea" and name:
            self._area, self._text = name, ""
        elif tag == "select" and name:
            self._select = name
            form.names.add(name)
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(found.get("value", ""))
            if "selected" in found or self._select not in form.values:
                form.values[self._select] = found.get("value", "")
        elif tag == "input" and name and "disabled" not in found:
            self._input(form, name, found)

    @staticmethod
    def _input(form: Form, name: str, found: dict[str, str]) -> None:
        form.names.add(name)
        if found.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(found.get("value", "on"))
            if "checked" in found:
                form.values[name] = found.get("value", "on")
        elif found.get("type") != "file":
            form.values[name] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area and self._form:
            self._form.names.add(self._area)
            self._form.values[self._area] = self._text.removeprefix("\r\n").removeprefix("\n")
            self._area = None


class Walker:
    """One person with one browser. ``page`` is the text of the page now shown, ``status`` its status."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client()
        self.page, self.status, self.address = "", 0, ""

    def get(self, address: str) -> Walker:
        return self._arrived(self.client.get(address, follow=True), address)

    def _arrived(self, response: Any, address: str) -> Walker:
        if response.redirect_chain:
            address = response.redirect_chain[-1][0]
        self.page, self.status, self.address, self.response = (
            response.content.decode(),
            response.status_code,
            address,
            response,
        )
        return self

    @property
    def forms(self) -> list[Form]:
        reader = _Reader()
        reader.feed(self.page)
        return reader.forms

    def form(self, has: str, go: str | None = None) -> Form:
        """The first form with a field of that name, and with the button ``go`` when one is named."""
        for form in self.forms:
            if has in form.names and (go is None or any(_says(button, go) for button in form.buttons)):
                return form
        raise AssertionError(f"no form with {has!r} and the button {go!r} at {self.address}")

    def send(
        self, has: str = "draft", *, go: str | None = None, files: dict[str, Any] | None = None, **typed: str
    ) -> Walker:
        """Fill in a form and press a button: the one with ``go`` as its value or address, else the big one."""
        form = self.form(has, go)
        if unknown := set(typed) - form.names:
            raise AssertionError(f"{unknown} cannot be filled in at {self.address}: {sorted(form.names)}")
        big = [button for button in form.buttons if "button-big" in button.get("class", "")]
        button = next(b for b in (form.buttons if go else [*big, *form.buttons]) if go is None or _says(b, go))
        data: dict[str, Any] = form.values | typed | (files or {})
        if button.get("name"):
            data[button["name"]] = button.get("value", "")
        address = button.get("formaction") or form.action or self.address
        return self._arrived(self.client.post(address, data, follow=True), address)

    # -- the flow ----------------------------------------------------------------------------------------------------
    def what(self, kind: Any, **typed: str) -> Walker:
        """The first page of a kind, with an answer to each of its questions that must be answered."""
        self.get(f"/report/{kind.code}/")
        answers = {f"f_{f.name}": sample(f) for f in kind.fields if f.required}
        answers.setdefault("description", "機車經過很危險")
        return self.send(**{**answers, **typed})

    def where(self, **typed: str) -> Walker:
        return self.send(**(typed or {"address": "苓雅區三多三路 215 號"}))

    def report(self, kind: Any, contact: dict[str, str] | None = None, **where: str) -> Walker:
        """A whole report, up to its confirmation."""
        self.what(kind).where(**where)
        if "不是同一件" in self.page:
            self.send()
        self.send()  # no photos
        self.send(**(contact if contact is not None else {"email": "reporter@example.com"}))
        return self.send()

    def confirm(self) -> Walker:
        """Open the newest letter that asks to confirm an address, follow its link, and press the button."""
        letter = Message.objects.filter(notice="servicerequests.confirm").newest_first().first()
        return self.get(re.search(r"/confirm/\S+", letter.body)[0]).send("csrfmiddlewaretoken")


def _says(button: dict[str, str], go: str) -> bool:
    return go in {button.get("value"), button.get("formaction")}


def sample(declared: Any) -> str:
    """An answer that a declared field takes."""
    return {
        "text": "一段文字", "number": "3", "bool": "on", "date": "2022-03-05", "time": "21:30",
        "choice": declared.choices[0].value if declared.choices else "",
    }[declared.type]  # fmt: skip


@contextmanager
def no_room(most: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow beyond so many bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
