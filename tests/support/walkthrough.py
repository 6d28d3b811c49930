"""The walkthrough of the docs as commands: its blocks, a terminal to type them in, what must be answered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.story import Story

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walkthrough.md"
PATIENCE_SECONDS = 120
ANYTHING = "..."
DONE = "__block_done__"


@dataclass(frozen=True)
class Block:
    """Commands of the page, with the answer it shows below them, if any."""

    commands: str
    answer: Any

    @property
    def only_asks(self) -> bool:
        """Whether it may be run again until the answer is there."""
        return not re.search(r"^(send|homeward) ", self.commands, re.MULTILINE)


def blocks(page: str) -> list[Block]:
    """The page's `sh` blocks in order, each with the `json` block that follows it at once."""
    found = re.findall(r"```sh\n(.*?)```\n(?:```json\n(.*?)```)?", page, re.DOTALL)
    return [Block(commands, json.loads(answer) if answer else None) for commands, answer in found]


class Terminal:
    """A shell in a folder of its own, as somebody who follows the page has one."""

    def __init__(self, folder: Path, story: Story) -> None:
        self.folder = folder
        (folder / "demo.json").write_text(json.dumps(story.stand.card))
        self.shell = subprocess.Popen(
            ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.run(
            f"homeward() {{ (cd {ROOT} && HOMEWARD_DATA_DIR={story.stand.folder} HOMEWARD_ENVIRONMENT=demo"
            f' {sys.executable} -m marketplace "$@"); }}\n'
        )  # fmt: skip

    def run(self, commands: str) -> str:
        """Type the commands; what they print. Fails on the first one that does."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"set -o pipefail; trap 'FAILED=1' ERR; FAILED=0\n{commands}\n")
        self.shell.stdin.write(f"trap - ERR; echo; echo {DONE} $FAILED\n")
        self.shell.stdin.flush()
        said = ""
        for line in self.shell.stdout:
            if line.startswith(DONE):
                assert line.split()[1] == "0", f"{commands}\n{said}"
                return said
            said += line
        raise AssertionError(f"the shell ended within:\n{commands}\n{said}")

    def answer(self) -> Any:
        """The last answer that was kept."""
        return json.loads((self.folder / "answer.json").read_text())


def walk_through(story: Story, folder: Path) -> int:
    """Do all that the page says, in a terminal in `folder`; returns how many steps it has."""
    terminal = Terminal(folder, story)
    steps = blocks(PAGE.read_text())
    try:
        for step in steps:
            follow(terminal, step)
    finally:
        terminal.shell.terminate()
    return len(steps)


def follow(terminal: Terminal, step: Block) -> None:
    """Do what the page says until it answers as the page shows; only questions are asked more than once."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _ran(terminal, step, deadline):
        time.sleep(0.5)
    if step.answer is None:
        return
    while step.only_asks and not shows(terminal.answer(), step.answer) and time.monotonic() < deadline:
        time.sleep(0.5)
        terminal.run(step.commands)
    assert shows(terminal.answer(), step.answer), f"{step.commands}\n{terminal.answer()}"


def _ran(terminal: Terminal, step: Block, deadline: float) -> bool:
    """Whether all commands found what they look for; a question that is too early is asked again."""
    try:
        terminal.run(step.commands)
    except AssertionError:
        if not step.only_asks or time.monotonic() > deadline:
            raise
        return False
    return True


def shows(answer: Any, page: Any) -> bool:
    """Whether an answer has all that the page shows of it; lists agree in length and order."""
    if page == ANYTHING:
        return answer is not None
    if isinstance(page, dict):
        return isinstance(answer, dict) and all(
            key in answer and shows(answer[key], page[key]) for key in page
        )
    if isinstance(page, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(page)
            and all(shows(*pair) for pair in zip(answer, page, strict=True))
        )
    return bool(answer == page)
