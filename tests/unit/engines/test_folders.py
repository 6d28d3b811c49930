"""Where data goes by default, and what a second command believes of a first one's notes."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from marketplace.engines.account import Account, can_reach
from marketplace.engines.errors import EngineError
from marketplace.engines.folder import default_data_dir, make_private, open_folder, socket_folder
from marketplace.engines.process import started_at
from marketplace.engines.state import RunningState, forget_state, read_state, write_state


def test_the_setting_wins_over_every_default() -> None:
    assert default_data_dir({"HOMEWARD_DATA_DIR": "/srv/somewhere"}) == Path("/srv/somewhere")


def test_root_keeps_data_with_the_system_and_a_user_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    name = default_data_dir({}).name
    assert default_data_dir({}) == Path("/var/lib/homeward") / name
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_data_dir({"HOME": str(tmp_path)}) == tmp_path / ".local/share/homeward" / name
    assert default_data_dir({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "homeward" / name
    assert default_data_dir({}) == Path("/var/tmp/homeward-1000") / name


def test_a_folder_that_cannot_be_made_is_refused_with_the_setting_that_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(EngineError, match=r"cannot be made: .*\. Set HOMEWARD_DATA_DIR"):
        open_folder(tmp_path / "file" / "data")


def test_a_long_or_awkward_path_gets_a_short_private_folder_for_its_sockets(tmp_path: Path) -> None:
    awkward = tmp_path / "with space"
    awkward.mkdir()
    sockets = socket_folder(awkward, None)
    try:
        assert " " not in str(sockets)
        assert len(str(sockets)) <= 80
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert socket_folder(awkward, None) == sockets
    finally:
        sockets.rmdir()


def test_a_link_in_the_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(EngineError, match="is not ours"):
        make_private(tmp_path / "link", None)


def test_an_account_reaches_only_what_it_may_pass_through(tmp_path: Path) -> None:
    stranger = Account(12345, 12345, "stranger")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not can_reach(closed, stranger)
    assert can_reach(closed, None)
    assert can_reach(Path("/usr/bin"), stranger)


def test_notes_of_a_living_process_are_believed_and_readable_by_us_alone(tmp_path: Path) -> None:
    state = RunningState.of_this_process("postgresql://x", "unix:///x")
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    assert stat.S_IMODE((tmp_path / "engines.json").stat().st_mode) == 0o600
    forget_state(tmp_path)
    assert read_state(tmp_path) is None


@pytest.mark.parametrize(
    "notes",
    [
        "",
        "{",
        "[]",
        '{"pid": "many"}',
        json.dumps({"pid": 1, "started": 1, "database_url": "", "redis_url": ""}),
        json.dumps({"pid": 2**22 + 1, "started": 0, "database_url": "", "redis_url": ""}),
    ],
)
def test_damaged_notes_and_notes_of_another_process_are_not_believed(tmp_path: Path, notes: str) -> None:
    (tmp_path / "engines.json").write_text(notes, "utf-8")
    assert read_state(tmp_path) is None


def test_a_process_is_known_by_its_start_and_a_missing_one_has_none() -> None:
    assert started_at(os.getpid()) > 0
    assert started_at(2**22 + 1) == 0
