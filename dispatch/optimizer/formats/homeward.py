"""Homeward's own JSON: problems and plans, versioned, key by key as in docs/problem-format.md.

Keys are the fields of the model; unknown keys, wrong types and missing ones are refused by name.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution
from dispatch.optimizer.travel import TravelMatrix
from dispatch.optimizer.validation import validate

PROBLEM, PLAN, VERSION = "homeward-problem", "homeward-plan", 1
MOST_ENTRIES = 200_000
"""The longest list that is read in one problem; more is refused instead of exhausting memory."""

Model = TypeVar("Model")


def read_problem(text: str | bytes) -> Problem:
    """The problem in a JSON text, validated. Raises ProblemError naming the key that is wrong."""
    content = _document(text, PROBLEM)
    travel = content.pop("travel", None)
    if not isinstance(travel, Mapping):
        raise ProblemError("travel", "is missing; it must be an object with seconds and metres")
    unknown = sorted(set(travel) - {"seconds", "metres", "speed_percent", "bucket_seconds"})
    if unknown:
        raise ProblemError(f"travel.{unknown[0]}", "is not a key of travel")
    speeds = _read(tuple[int, ...], travel.get("speed_percent", []), "travel.speed_percent")
    bucket = _read(int, travel.get("bucket_seconds", 3600), "travel.bucket_seconds")
    matrix = TravelMatrix.of(travel.get("seconds"), travel.get("metres"), speeds, bucket)
    problem = _read_object(Problem, content, "", {"travel": matrix})
    validate(problem)
    return problem


def write_problem(problem: Problem) -> str:
    """The problem as JSON text; fields at their defaults are left away."""
    content = _plain(problem)
    travel = problem.travel
    content["travel"] = {"seconds": travel.seconds.tolist(), "metres": travel.metres.tolist()}
    if travel.speed_percent:
        content["travel"] |= {
            "speed_percent": list(travel.speed_percent),
            "bucket_seconds": travel.bucket_seconds,
        }
    return json.dumps({"format": PROBLEM, "version": VERSION} | content, allow_nan=False)


def read_solution(text: str | bytes) -> Solution:
    """The plan in a JSON text. Raises ProblemError naming the key that is wrong."""
    content = _document(text, PLAN)
    if isinstance(content.get("cost"), Mapping):
        content["cost"] = {name: cents for name, cents in content["cost"].items() if name != "total"}
    return _read_object(Solution, content, "", {})


def write_solution(solution: Solution) -> str:
    """The plan as JSON text, with the total of its costs."""
    content = _plain(solution)
    content["cost"] = {part.name: getattr(solution.cost, part.name) for part in fields(solution.cost)}
    content["cost"]["total"] = solution.cost.total
    content.setdefault("routes", [])
    content.setdefault("unserved", [])
    return json.dumps({"format": PLAN, "version": VERSION} | content, allow_nan=False)


def _document(text: str | bytes, wanted: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ProblemError("json", f"cannot be read: {wrong}") from None
    if not isinstance(content, dict):
        raise ProblemError("json", "must be one object")
    if content.pop("format", None) != wanted:
        raise ProblemError("format", f"must be {wanted!r}")
    if content.pop("version", None) != VERSION:
        raise ProblemError("version", f"must be {VERSION}")
    return content


_HINTS: dict[Any, dict[str, Any]] = {}


def _types(model: Any) -> dict[str, Any]:
    """The types of a model's fields, worked out once."""
    if model not in _HINTS:
        _HINTS[model] = get_type_hints(model)
    return _HINTS[model]


def _read_object(model: type[Model], content: Any, key: str, given: dict[str, Any]) -> Model:
    if not isinstance(content, Mapping):
        raise ProblemError(key, "must be an object")
    known = {field.name: field for field in fields(model)}  # type: ignore[arg-type]
    for name in content:
        if name not in known:
            raise ProblemError(_under(key, name), f"is not a key; known are {', '.join(known)}")
    values = dict(given)
    types = _types(model)
    for name, field in known.items():
        if name in content and name not in given:
            values[name] = _read(types[name], content[name], _under(key, name))
        elif name not in values and _needed(field):
            raise ProblemError(_under(key, name), "is missing")
    return model(**values)


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _under(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _read(kind: Any, value: Any, key: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _read_optional(kind, value, key)
    if origin in (tuple, frozenset):
        return _read_list(kind, origin, value, key)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise ProblemError(key, "must be an object")
        return {
            str(name): _read(get_args(kind)[1], entry, _under(key, name)) for name, entry in value.items()
        }
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_object(kind, value, key, {})
    return _read_scalar(kind, value, key)


def _read_optional(kind: Any, value: Any, key: str) -> Any:
    if value is None:
        return None
    inner = next(option for option in get_args(kind) if option is not NoneType)
    return _read(inner, value, key)


def _read_list(kind: Any, origin: Any, value: Any, key: str) -> Any:
    if not isinstance(value, list):
        raise ProblemError(key, "must be a list")
    if len(value) > MOST_ENTRIES:
        raise ProblemError(key, f"has {len(value)} entries, at most {MOST_ENTRIES} are read")
    inner = get_args(kind)[0]
    return origin(_read(inner, entry, f"{key}[{position}]") for position, entry in enumerate(value))


def _read_scalar(kind: Any, value: Any, key: str) -> Any:
    if kind is int:
        return _read_whole(value, key)
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ProblemError(key, "must be a finite number")
        return float(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in {option.value for option in kind}:
            raise ProblemError(key, f"must be one of {', '.join(option.value for option in kind)}")
        return kind(value)
    if not isinstance(value, kind):
        raise ProblemError(key, f"must be {'true or false' if kind is bool else 'a text'}")
    return value


def _read_whole(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProblemError(key, "must be a whole number")
    if isinstance(value, float) and not value.is_integer():
        raise ProblemError(key, f"must be a whole number, is {value}")
    if abs(value) > 2**40:
        raise ProblemError(key, "is out of all proportion; is the unit right?")
    return int(value)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        parts = {}
        for part in fields(value):
            entry = getattr(value, part.name)
            default = part.default_factory() if part.default_factory is not MISSING else part.default
            if isinstance(entry, TravelMatrix) or (default is not MISSING and entry == default):
                continue
            parts[part.name] = _plain(entry)
        return parts
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    return int(value) if isinstance(value, np.integer) else value
