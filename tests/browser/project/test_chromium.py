"""The browser under the other tests is a real one."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_a_page_runs_scripts_and_shows_what_they_wrote(page: Page) -> None:
    page.set_content("<main><p id=word></p></main><script>word.textContent = 'homeward'</script>")
    expect(page.get_by_text("homeward")).to_be_visible()
