"""The forms of a page as a browser would send them: where to, and what is written into each field to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

FIELDS = frozenset({"input", "select", "textarea", "button"})


@dataclass
class Form:
    """`fields`: what is sent when nothing is touched. `ways`: each button that says more than "send"."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    ways: list[dict[str, str]] = field(default_factory=list)

    @property
    def sends(self) -> list[dict[str, str]]:
        """What each of its buttons sends."""
        return [self.fields | way for way in self.ways] or [self.fields]


class Forms(HTMLParser):
    """Reads the forms of a page; one choice of each group is taken, and every box is ticked."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        self.form: Form | None = None
        self.select = self.textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(said.get("action") or self.path, said.get("method", "get").lower())
            self.found.append(self.form)
        elif tag == "option" and self.form and self.select:
            if "selected" in said or not self.form.fields.get(self.select):
                self.form.fields[self.select] = said.get("value", "")
        elif tag in FIELDS and self.form and said.get("name"):
            self.field(self.form, tag, said)

    def field(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, value = said["name"], said.get("value", "")
        if tag == "button":
            form.ways.append({name: value})
            if "formaction" in said:
                self.found.append(Form(said["formaction"], form.method, form.fields))
        elif tag == "select":
            self.select = name
            form.fields.setdefault(name, "")
        elif tag == "textarea":
            self.textarea = name
            form.fields.setdefault(name, "")
        elif said.get("type") != "file":
            form.fields[name] = value or ("on" if said.get("type") == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self.textarea and self.form:
            self.form.fields[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""


def posted_forms(path: str, page: str) -> list[Form]:
    """The forms of a page that write something."""
    return [form for form in Forms(path, page).found if form.method == "post" and form.action.startswith("/")]
