"""Embedded PostgreSQL and Valkey, and the supervision of processes; knows nothing else of the house."""

from marketplace.engines.connect import EngineConnection, connect_or_start
from marketplace.engines.engines import EngineOptions, Engines, running_engines
from marketplace.engines.errors import EngineError, EngineMissing, EngineStartFailed, FolderInUse
from marketplace.engines.folder import default_data_dir
from marketplace.engines.state import running_below
from marketplace.engines.supervisor import Child, Supervisor

__all__ = [
    "Child",
    "EngineConnection",
    "EngineError",
    "EngineMissing",
    "EngineOptions",
    "EngineStartFailed",
    "Engines",
    "FolderInUse",
    "Supervisor",
    "connect_or_start",
    "default_data_dir",
    "running_below",
    "running_engines",
]
