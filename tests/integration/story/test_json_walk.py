"""The walkthrough of the docs, block by block: what it tells people to type works and answers as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.story import told_story
from tests.support.walkthrough import walk_through


@pytest.mark.engines
def test_the_walkthrough_of_the_docs_leads_to_two_payments(tmp_path: Path) -> None:
    with told_story() as story:
        assert walk_through(story, tmp_path) > 20
        assert story.broken_promises() == []
