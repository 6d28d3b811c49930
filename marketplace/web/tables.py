"""Tables whose state is the address: sorting, pages by key (never by offset), CSV without formulas."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask import Response, request, url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, TypeDecorator, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession

Row = TypeVar("Row")
Sortable = InstrumentedAttribute[Any] | ColumnElement[Any]
USUAL_ROWS = 50
CSV_ROWS = 20_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the address, its heading, whether it sorts, whether it holds amounts."""

    key: str
    label: str
    sort: bool = False
    amount: bool = False
    hidden: bool = False
    """The heading is only for screen readers (a column of buttons)."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows and how to reach its neighbours; cursors are empty where there is no neighbour."""

    rows: Sequence[Row]
    sort: str
    direction: str
    next_cursor: str = ""
    previous_cursor: str = ""


def paginate(
    session: WorkSession,
    query: Select[Any],
    *,
    sorts: Mapping[str, Sortable],
    key: Sortable,
    default: str,
    rows: int = USUAL_ROWS,
    arguments: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """The page that the address asks for (sort, direction, after, before), by keyset over a column and `key`.

    `sorts` maps column keys to NOT NULL expressions, `default` is one of them, with a leading "-" to start
    descending; `key` is the unique tie-break. The query must select one entity whose sort values can be read
    from its rows, or rows that carry the sort columns by name. With `values` for its parameters the query is
    a constant, and what it becomes for a page is built only once. Raises InvalidInput for a forged cursor.
    """
    arguments = request.args if arguments is None else arguments
    sort, direction = _order(arguments, sorts, default)
    forward = not arguments.get("before")
    cursor = arguments.get("after") or arguments.get("before") or ""
    ascending = (direction == "asc") == forward
    expression = sorts[sort]
    marked = (_ordered if values is None else _ordered_once)(query, expression, key, ascending, rows + 1)
    if cursor:
        marked = marked.where(
            _beyond(expression, key, _read_cursor(cursor, expression, key), ascending=ascending)
        )
    found = list(session.execute(marked, values).all())
    more, found = len(found) > rows, found[:rows]
    if not forward:
        found.reverse()
    ends = [_cursor(row[-2], row[-1]) for row in (found[:1] + found[-1:])] if found else ["", ""]
    return Page(
        rows=[row[0] if len(row) == 3 else row for row in found],
        sort=sort,
        direction=direction,
        next_cursor=ends[1] if (more if forward else bool(cursor)) else "",
        previous_cursor=ends[0] if (bool(cursor) if forward else more) else "",
    )


def _ordered(
    query: Select[Any],
    expression: Sortable,
    key: Sortable,
    ascending: bool,  # noqa: FBT001  one call, above
    most: int,
) -> Select[Any]:
    ordered = query.order_by(*(part.asc() if ascending else part.desc() for part in (expression, key)))
    return ordered.add_columns(expression.label("_sort"), key.label("_key")).limit(most)


_ordered_once = lru_cache(maxsize=256)(_ordered)


class Table(Generic[Row]):
    """What components/table.html draws: columns, a page of rows, addresses made from this request's own."""

    def __init__(
        self,
        columns: Sequence[Column],
        page: Page[Row] | Sequence[Row],
        *,
        caption: str,
        csv: bool = False,
        empty: tuple[str, str] = ("Nothing here yet", ""),
        row_attributes: Callable[[Row], str] | None = None,
        row_html: Callable[[Row], Markup] | None = None,
    ) -> None:
        self.columns = columns
        self.page = page if isinstance(page, Page) else Page(page, "", "")
        self.rows = self.page.rows
        self.caption = caption
        self.row_attributes = row_attributes
        self.row_html = row_html
        self.empty_title, self.empty_text = empty
        self.csv_url = _address(csv="1", after=None, before=None) if csv else ""
        self.next_url = _turn("after", self.page.next_cursor)
        self.previous_url = _turn("before", self.page.previous_cursor)

    def direction_of(self, column: Column) -> str:
        """How the column sorts now: asc, desc, or empty."""
        return self.page.direction if column.sort and column.key == self.page.sort else ""

    def sort_url(self, column: Column) -> str:
        """The address that sorts by a column; the other way round when it already does."""
        direction = "desc" if self.direction_of(column) == "asc" else "asc"
        return _address(sort=column.key, direction=direction, after=None, before=None)

    @property
    def sorted_by(self) -> str:
        """The heading of the column that sorts."""
        return next(
            (column.label for column in self.columns if column.key == self.page.sort), self.page.sort
        ).lower()


def wants_csv() -> bool:
    """Whether the address asks for the list as CSV."""
    return request.args.get("csv") == "1"


def csv_response(filename: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV download (RFC 4180, UTF-8 with mark); texts that would run as a formula get a leading quote."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def safe_cell(value: object) -> str:
    """A value as CSV text that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return (
        f"'{text}"
        if text.lstrip().startswith(FORMULA_STARTS[:4]) or text.startswith(FORMULA_STARTS)
        else text
    )


_LIVE = Markup('id="%s" data-live="%s" data-live-revision="%s" data-live-url="%s" data-live-says="%s"')


def live_attributes(name: str, revision: int, url: str, says: str = "") -> Markup:
    """The attributes of a live row, for Table(row_attributes=...); see components/live.html."""
    # `%` on a Markup escapes its values, in a tenth of the time of `format`
    return _LIVE % (name.replace(":", "-"), name, revision, url, says)


def _order(arguments: Mapping[str, str], sorts: Mapping[str, Sortable], default: str) -> tuple[str, str]:
    sort = arguments.get("sort") or default.lstrip("-")
    usual = "desc" if default.startswith("-") and sort == default.lstrip("-") else "asc"
    direction = arguments.get("direction") or usual
    if sort not in sorts:
        raise InvalidInput("sort", f"sort by one of: {', '.join(sorts)}")
    if direction not in {"asc", "desc"}:
        raise InvalidInput("direction", "write asc or desc")
    return sort, direction


def _beyond(
    expression: Sortable, key: Sortable, cursor: tuple[Any, Any], *, ascending: bool
) -> ColumnElement[bool]:
    here = tuple_(literal(cursor[0], expression.type), literal(cursor[1], key.type))
    place = tuple_(expression, key)
    return place > here if ascending else place < here


def _cursor(value: object, key: object) -> str:
    text = json.dumps([_plain(value), _plain(key)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | str) else str(value)


def _read_cursor(cursor: str, expression: Sortable, key: Sortable) -> tuple[Any, Any]:
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return _typed(found[0], expression), _typed(found[1], key)
    except (ValueError, KeyError, TypeError, IndexError, ArithmeticError, binascii.Error):
        raise InvalidInput("after", "this page address is damaged; go back to the first page") from None


def _typed(value: Any, expression: Sortable) -> Any:
    column_type = expression.type
    if isinstance(column_type, TypeDecorator):
        column_type = column_type.impl_instance
    kind = column_type.python_type
    readers: dict[type, Callable[[Any], Any]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        UUID: UUID,
        Decimal: Decimal,
        int: int,
        str: str,
    }
    return readers.get(kind, kind)(value)


def _turn(side: str, cursor: str) -> str:
    other = "before" if side == "after" else "after"
    return _address(**{side: cursor, other: None}) if cursor else ""


def _address(**changes: str | None) -> str:
    """This request's address with some parts of its query changed, or left out for None."""
    arguments: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {}), **changes}
    arguments.pop("csv", None) if "csv" not in changes else None
    return url_for(
        request.endpoint or "", **{name: value for name, value in arguments.items() if value is not None}
    )
