"""The outbox: kept without a server, sent once with one, and a link that is forgotten afterwards."""

from __future__ import annotations

import dataclasses
import socketserver
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from marketplace.foundation.errors import Forbidden
from marketplace.foundation.settings import UnsafeSettings
from marketplace.foundation.work import Runtime
from marketplace.identity.mail import deliver_mail, hand_over, link_of, mails, send_mail
from marketplace.identity.words import MailState
from tests.integration.identity.neighbourhood import Neighbourhood

LINK = "https://homeward.example/offers/1"


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it is given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.letters: list[str] = []
        super().__init__(("127.0.0.1", 0), _Counter)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Counter(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 post office")
        while line := self.rfile.readline().decode().strip().upper():
            if line == "DATA":
                self._say("354 go on")
                self._take_letter()
            self._say("221 bye" if line == "QUIT" else "250 fine")
            if line == "QUIT":
                return

    def _take_letter(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        assert isinstance(self.server, PostOffice)
        self.server.letters.append("".join(lines))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def with_server(place: Neighbourhood, url: str) -> Neighbourhood:
    old = place.runtime
    values = {**old.settings.values, "HOMEWARD_SMTP_URL": url}
    settings = dataclasses.replace(old.settings, values=values)
    return Neighbourhood(Runtime(settings, old.databases, old.vault, old.registry), place.ids)


def test_without_a_server_a_mail_is_kept_with_its_link(place: Neighbourhood) -> None:
    with place.acting("mercy") as session:
        send_mail(session, "a@mercy.example", "An offer", "Open the link.", LINK)
    with place.acting("mercy") as session:
        kept = mails(session)[0]
        assert (kept.state, link_of(session, kept)) == (MailState.KEPT, LINK)
    assert place.owner("SELECT count(*) FROM jobs WHERE kind = 'identity.send_mail'")[0][0] == 0
    assert b"offers" not in bytes(place.owner("SELECT link_sealed FROM mails")[0][0])


def test_with_a_server_it_is_sent_once_and_the_link_forgotten(
    place: Neighbourhood, post_office: PostOffice
) -> None:
    served = with_server(place, post_office.url)
    with served.acting("mercy") as session:
        mail = send_mail(session, "a@mercy.example", "An offer", "Open the link.", LINK)
    jobs = place.owner("SELECT arguments FROM jobs WHERE kind = 'identity.send_mail'")
    assert [row[0] for row in jobs] == [{"mail": str(mail.id)}]
    for _ in range(2):
        with served.acting("mercy") as session:
            deliver_mail(session, jobs[0][0])
    assert len(post_office.letters) == 1
    letter = post_office.letters[0]
    assert "To: a@mercy.example" in letter
    assert "Subject: An offer" in letter
    assert LINK in letter
    with served.acting("mercy") as session:
        sent = mails(session)[0]
        assert (sent.state, link_of(session, sent)) == (MailState.SENT, "")


def test_when_the_server_is_away_the_mail_stays_queued(place: Neighbourhood) -> None:
    served = with_server(place, "smtp://127.0.0.1:1")
    with served.acting("mercy") as session:
        mail = send_mail(session, "a@mercy.example", "An offer", "Open the link.", LINK)
    with pytest.raises(OSError, match="refused"), served.acting("mercy") as session:
        deliver_mail(session, {"mail": str(mail.id)})
    with served.acting("mercy") as session:
        assert mails(session)[0].state is MailState.QUEUED


def test_a_password_is_never_sent_to_a_server_without_encryption(
    place: Neighbourhood, post_office: PostOffice
) -> None:
    served = with_server(place, post_office.url.replace("//", "//user:secret@"))
    with served.acting("mercy") as session:
        mail = send_mail(session, "a@mercy.example", "An offer", "Open the link.", LINK)
    with pytest.raises(UnsafeSettings), served.acting("mercy") as session:
        deliver_mail(session, {"mail": str(mail.id)})
    assert post_office.letters == []


def test_a_setting_that_is_no_mail_server_says_what_would_be_right(place: Neighbourhood) -> None:
    from email.message import EmailMessage

    with pytest.raises(UnsafeSettings, match="smtp://user:pass@host:587"):
        hand_over(with_server(place, "mail.example.org").runtime.settings, EmailMessage())


def test_a_mail_for_another_organization_lies_in_that_ones_outbox(place: Neighbourhood) -> None:
    with place.acting("mercy") as session:
        send_mail(
            session, "v@swift.example", "An offer", "Open it.", LINK, organization_id=place.ids["swift-rides"]
        )
        assert session.actor.organization_id == place.ids["mercy"]
        assert mails(session) == []
    with place.acting("swift-rides") as session:
        assert [mail.to_address for mail in mails(session)] == ["v@swift.example"]


def test_a_job_for_a_mail_that_is_gone_does_nothing(place: Neighbourhood) -> None:
    with place.acting("mercy") as session:
        assert deliver_mail(session, {"mail": str(uuid4())}) is None


def test_nobody_sends_mail(place: Neighbourhood) -> None:
    with place.nobody() as session, pytest.raises(Forbidden):
        send_mail(session, "a@b.example", "An offer", "Open it.", LINK)
