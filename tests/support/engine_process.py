"""A process of its own that runs engines (and a supervised child) until its standard input ends.

`python -m tests.support.engine_process FOLDER [--with-child]` prints one JSON object when all is ready.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from marketplace.engines import Child, EngineOptions, Supervisor, running_engines

SLEEPER = (sys.executable, "-c", "import time; print('child up', flush=True); time.sleep(600)")


def main() -> None:
    """Starts what was asked for and waits."""
    folder, with_child = Path(sys.argv[1]), "--with-child" in sys.argv
    with running_engines(folder, EngineOptions()) as engines:
        facts = {"database_url": engines.database_url, "redis_url": engines.redis_url, "pids": engines.pids}
        if not with_child:
            print(json.dumps(facts), flush=True)
            sys.stdin.read()
            return
        supervisor = Supervisor([Child("sleeper", SLEEPER)], on_turn=engines.look_after)
        with supervisor.running():
            facts["pids"] = engines.pids | supervisor.pids
            print(json.dumps(facts), flush=True)
            while not supervisor.stopping:
                supervisor.turn()


if __name__ == "__main__":
    main()
