"""Every form of every page, found as a browser finds it, filled in wrongly: refused with the field's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.integration.matrix.test_bad_input import saved_since
from tests.support.addresses import ID, filled, home_role, ids_of
from tests.support.html_forms import PageForm, forms_of
from tests.support.lived_in import LivedIn
from tests.support.samples import MISSING_ID, TOO_LONG

FORM = "application/x-www-form-urlencoded"
PEOPLE = [
    home_role(frozenset({role}))
    for role in (
        "planner", "vendor_admin", "dispatcher", "driver", "biller", "reviewer", "org_admin",
        "platform_admin", "privacy_officer",
    )
]  # fmt: skip
QUERIES = (
    "after",
    "day",
    "hcpcs_code",
    "kind",
    "next",
    "page",
    "q",
    "show",
    "sort",
    "state",
    "subject",
    "task",
    "type",
)
"""What pages read from their addresses."""
HOSTILE = (
    "0001-01-01",
    "9999-12-31",
    "9" * 40,
    "-1",
    "x" * 3000,
    "' OR 1=1 --",
    "//evil.example",
    "%C3%A4",
    "0",
)
WORTH_KEEPING = {"audit_events", "discharge_drafts", "discharge_draft_changes", "discharge_proposals"}
"""That somebody looked is recorded; a draft is kept however little stands in it."""
LEFT_ALONE = ("/gallery", "/sign-out", "/preferences")
"""The demo's show of components, and what has no fields."""
IN_EVERY_STATE = {
    "booking_id": "bookings",
    "offer_id": "offers",
    "award_id": "awards",
    "amendment_id": "award_amendments",
    "claim_id": "claims",
    "task_id": "care_plan_tasks",
    "user_id": "users",
}
"""Where the objects are whose pages show other forms in other states, by their names in addresses."""
Found = dict[str, tuple[PageForm, str]]


def get_pages(world: LivedIn) -> Iterator[str]:
    """The address of every page, with the story's ids where it wants some, and one object of every state."""
    ids = ids_of(world)
    for rule in world.app.url_map.iter_rules():
        kept = not rule.rule.startswith(
            ("/api/", "/static", "/live", "/healthz", "/readyz", "/metrics", *LEFT_ALONE)
        )
        if kept and "GET" in (rule.methods or set()):
            yield filled(rule.rule, ids, MISSING_ID)
            for name in set(IN_EVERY_STATE) & set(ID.findall(rule.rule)):
                yield from (
                    filled(rule.rule, {**ids, name: one}, MISSING_ID) for one in of_every_state(world, name)
                )
    for task in of_every_state(world, "task_id"):
        yield f"/bookings/new?task={task}"


def of_every_state(world: LivedIn, name: str) -> list[str]:
    """The id of one object for each state that occurs."""
    table = IN_EVERY_STATE[name]
    query = f"SELECT DISTINCT ON (state) id FROM {table} ORDER BY state, id"  # noqa: S608 - words of this file
    with world.runtime.databases.engine("owner").connect() as connection:
        return [str(found) for (found,) in connection.exec_driver_sql(query)]


@pytest.fixture(scope="module")
def forms(lived_in_world: LivedIn) -> Found:
    """Every form by its address, and the token of somebody who was shown it."""
    found: Found = {}
    adapter = lived_in_world.app.url_map.bind("")
    for role, place in PEOPLE:
        token = lived_in_world.token(role, place)
        waiting, seen = list(get_pages(lived_in_world)), set()
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            answer = lived_in_world.ask("GET", address, token)
            assert answer.status_code < 500, (role, address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                for form in forms_of(answer.get_data(as_text=True), address):
                    # a fragment's form without an action sends to the page around it, which is asked as well
                    takes = adapter.test(urlsplit(form.action).path, "POST") or form.action != address
                    if takes and not form.action.startswith(LEFT_ALONE):
                        found.setdefault(shape(form), (form, token))
    return found


def shape(form: PageForm) -> str:
    """What makes two forms the same: where they send (whichever object it is) and their fields."""
    parts = ["*" if len(part) == 36 else part for part in urlsplit(form.action).path.split("/")]
    return f"{'/'.join(parts)} {' '.join(sorted(form.controls))}"


def rules_without_a_form(world: LivedIn, forms: Found) -> list[str]:
    """Addresses that take a form which no page shows at this point of the story."""
    adapter = world.app.url_map.bind("")
    shown = set()
    for form, _ in forms.values():
        path = urlsplit(form.action).path
        assert adapter.test(path, "POST"), f"a form sends to {path}, which takes none"
        shown.add(adapter.match(path, "POST", return_rule=True)[0].rule)
    return sorted(
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        and not rule.rule.startswith(("/api/", "/static", *LEFT_ALONE))
        and rule.rule not in shown
    )


def test_the_forms_of_the_house_are_found(forms: Found) -> None:
    assert len(forms) > 30


def test_an_address_whose_form_nobody_is_shown_refuses_junk(lived_in_world: LivedIn, forms: Found) -> None:
    wrong = []
    ids = ids_of(lived_in_world)
    before = lived_in_world.counts()
    for rule in rules_without_a_form(lived_in_world, forms):
        for role, place in PEOPLE:
            token = lived_in_world.token(role, place)
            for content in (b"", b"note=a%00b", b"note=%ff%fe&reason=x", b"reason=" + b"long+" * 1000):
                address = filled(rule, ids, MISSING_ID)
                answer = lived_in_world.ask("POST", address, token, data=content, content_type=FORM)
                if answer.status_code >= 500:
                    wrong.append((rule, role, content[:20], answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before).keys() <= WORTH_KEEPING


@pytest.mark.parametrize(
    ("what", "value"), [("NUL", "a%00b"), ("not UTF-8", "%ff%fe"), ("too long", TOO_LONG.replace(" ", "+"))]
)
def test_text_that_cannot_be_stored_is_refused_by_field(
    lived_in_world: LivedIn, forms: Found, what: str, value: str
) -> None:
    wrong = []
    before = lived_in_world.counts()
    for name_of_form, (form, token) in forms.items():
        values = form.values()
        for name, control in form.controls.items():
            if name not in values or control.kind in {"file", "button", "submit", "hidden", "checkbox"}:
                continue
            rest = urlencode({key: one for key, one in values.items() if key != name})
            content = f"{rest}&{name}={value}"
            answer = lived_in_world.ask("POST", form.action, token, data=content, content_type=FORM)
            page = answer.get_data(as_text=True)
            if not 400 <= answer.status_code < 500 or (name not in page and answer.status_code in {400, 422}):
                wrong.append((name_of_form, name, answer.status_code, page[:80]))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}


def test_wrong_choices_and_numbers_are_refused(lived_in_world: LivedIn, forms: Found) -> None:
    wrong = []
    before = lived_in_world.counts()
    kinds = {
        "select": ["certainly-not", MISSING_ID],
        "radio": ["certainly-not", MISSING_ID],
        "number": ["many", "9" * 40, "1e999999", "-" + "9" * 40],
        "datetime-local": ["0001-01-01T00:00", "9999-12-31T23:59", "soon", "2026-11-24T18:00Z+99"],
        "date": ["0001-01-01", "9999-12-31", "2026-02-30"],
        "time": ["25:61", "noon"],
        "email": ["nobody", "a@b@c"],
    }
    for name_of_form, (form, token) in forms.items():
        for name, control in form.controls.items():
            for value in kinds.get(control.kind, []):
                sent = {**form.values(), name: value}
                answer = lived_in_world.ask("POST", form.action, token, data=sent)
                if not 400 <= answer.status_code < 500:
                    wrong.append((name_of_form, name, value, answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}


def test_what_is_required_is_asked_for(lived_in_world: LivedIn, forms: Found) -> None:
    wrong = []
    before = lived_in_world.counts()
    for name_of_form, (form, token) in forms.items():
        for name, control in form.controls.items():
            if control.required and control.kind not in {"checkbox", "button", "hidden"}:
                sent = {key: value for key, value in form.values().items() if key != name}
                answer = lived_in_world.ask("POST", form.action, token, data=sent)
                page = answer.get_data(as_text=True)
                if answer.status_code not in {409, 422} or (answer.status_code == 422 and name not in page):
                    wrong.append((name_of_form, name, answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}


@pytest.mark.parametrize(
    ("what", "content", "content_type"),
    [
        ("too much", b"note=" + b"x" * 2_000_000, FORM),
        ("JSON", b'{"note": 1}', "application/json"),
        ("plain text", b"note", "text/plain"),
        ("half a multipart", b"--x\r\nContent-Disposition", "multipart/form-data; boundary=x"),
        ("a multipart without boundary", b"--x", "multipart/form-data"),
        ("a thousand fields and more", b"&".join(b"a%d=1" % n for n in range(1500)), FORM),
        ("nested names", b"a.b.c.d=1&a.b=2&a=3&items.0.x=1&items.99999.x=1&..=1", FORM),
    ],
)
def test_a_form_that_is_wrong_as_a_whole_never_fails(
    lived_in_world: LivedIn, forms: Found, what: str, content: bytes, content_type: str
) -> None:
    wrong = []
    for name_of_form, (form, token) in forms.items():
        if form.controls.keys() - {"csrf_token", "idempotency_key"}:
            answer = lived_in_world.ask("POST", form.action, token, data=content, content_type=content_type)
            if answer.status_code >= 500 or (what == "too much" and answer.status_code != 413):
                wrong.append((name_of_form, answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))


def test_hostile_addresses_never_fail(lived_in_world: LivedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, tried = [], set()
    monkeypatch.setattr(lived_in_world.app, "request_class", NotingRequest)
    for role, place in PEOPLE[:6]:
        token = lived_in_world.token(role, place)
        for address in get_pages(lived_in_world):
            Query.read.clear()
            if address in tried or lived_in_world.ask("GET", address, token).status_code != 200:
                continue
            tried.add(address)  # by the first who may see it: what an address says is read alike for all
            for query in hostile_queries(Query.read):
                answer = lived_in_world.ask("GET", f"{address}?{query}", token)
                if answer.status_code >= 500:
                    wrong.append((role, address, query[:30]))

    assert not wrong, "\n".join(map(str, wrong))


def test_it_is_noted_what_a_page_reads_of_its_address() -> None:
    for use in (
        lambda found: found.get("day"),
        lambda found: found["day"],
        lambda found: found.getlist("day"),
        lambda found: "day" in found,
    ):
        Query.read.clear()
        assert use(Query([("day", "0")]))
        assert Query.read == {"day"}
    for use in (dict, list, bool, lambda found: {**found}, lambda found: found.to_dict()):
        Query.read.clear()
        assert use(Query([("day", "0")]))
        assert set(QUERIES) <= Query.read, "who reads all reads each"


def hostile_queries(read: set[str]) -> Iterator[str]:
    """All names at a time, for what takes the query as text; alone those that the page has read.

    A page that has not asked for a name answers alike with and without it.
    """
    yield "&".join(f"{name}={HOSTILE[number % 9]}" for number, name in enumerate(QUERIES))
    for number, name in enumerate(QUERIES):
        if name in read:
            for value in HOSTILE if name == "day" else HOSTILE[number % 9 :: 9]:
                yield f"{name}={value}"


class Query(ImmutableMultiDict[str, str]):
    """What an address says, noting which names are read, all of them where it is read as a whole."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, *rest: Any, **named: Any) -> list[Any]:
        self.read.add(key)
        return super().getlist(key, *rest, **named)


def _reading_all(name: str) -> Callable[..., Any]:
    def read(self: Query, *rest: Any, **named: Any) -> Any:
        self.read.update(QUERIES)
        return getattr(super(Query, self), name)(*rest, **named)

    return read


for _name in ("__iter__", "__len__", "keys", "values", "items", "lists", "listvalues", "to_dict", "copy"):
    setattr(Query, _name, _reading_all(_name))


class NotingRequest(Request):
    """A request that notes what is read of its address."""

    parameter_storage_class = Query
