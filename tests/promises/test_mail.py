"""Digests by mail: HTML and text, over TLS with a login, once, against a real mail server."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from bot.asgi_server import free_port
from bot.clock import utc_now
from bot.domain.answers.digest import Digest
from bot.domain.incidents.subscription import Subscription, Wants
from bot.mail import Encryption, SmtpMailer, SmtpServer
from bot.rendering import Renderer
from bot.services.errors import Undelivered
from bot.services.incidents import weekly_digest
from bot.services.incidents.weekly_digest import Digested
from tests.adapters.fake_notices import FakeDigestNotices
from tests.unit.rendering.extremes import exaggerated
from tests.unit.rendering.values import DIGEST

RIGHT = "right"
WANTED = Subscription(channel="lead@example.com", wants=Wants.DIGEST)


@dataclass
class Inbox:
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: ARG002, N802 aiosmtpd's names
        if self.answer.startswith("250"):
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key, cert = path.with_name("key.pem"), path.with_name("cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    path.write_text(key.read_text() + cert.read_text())
    return path


@contextmanager
def server(inbox: Inbox, certificate: Path) -> Iterator[int]:
    """A mail server that takes mail only over TLS and after a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ARG001 aiosmtpd's
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"right", handled=False)

    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=login,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop(no_assert=True)


def mailer(port: int, certificate: Path, *, password: str = RIGHT, **options: Any) -> SmtpMailer:
    trusted = ssl.create_default_context(cafile=str(certificate))
    known: dict[str, Any] = {"host": "127.0.0.1", "port": port, "sender": "bot@example.com", "user": "bot"}
    return SmtpMailer(SmtpServer(**known, password=password, context=trusted, **options), Renderer())


def mailed(notices: FakeDigestNotices, sender: SmtpMailer) -> Digested:
    return weekly_digest.mail(lambda _: DIGEST, notices, sender, wanted=WANTED, now=utc_now())


def test_a_digest_is_mailed_once_as_text_and_html(certificate: Path) -> None:
    inbox, notices = Inbox(), FakeDigestNotices()
    with server(inbox, certificate) as port:
        assert mailed(notices, mailer(port, certificate)) is Digested.POSTED
        assert mailed(notices, mailer(port, certificate)) is Digested.KNOWN
    (mail,) = inbox.mails
    assert mail["Subject"] == "All projects, week 47: 21 of 310 jobs failed"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    for body in (text.get_content(), html.get_content()):
        assert "gpu-node-03" in body
        assert "Increase memory limit from 8Gi to 16Gi" in body


def test_a_mail_that_was_sent_before_a_crash_has_the_same_id(certificate: Path) -> None:
    inbox = Inbox()
    with server(inbox, certificate) as port:
        for _ in range(2):
            mailed(FakeDigestNotices(), mailer(port, certificate))
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1


@pytest.mark.parametrize(("answer", "permanent"), [("451 try later", False), ("550 no such user", True)])
def test_a_refusal_says_whether_trying_again_helps(certificate: Path, answer: str, *, permanent: bool) -> None:
    notices = FakeDigestNotices()
    with server(Inbox(answer=answer), certificate) as port, pytest.raises(Undelivered) as refused:
        mailed(notices, mailer(port, certificate))
    assert refused.value.permanent is permanent
    assert notices.noted == {}


def test_a_wrong_password_and_a_wrong_certificate_are_refused(certificate: Path) -> None:
    with server(Inbox(), certificate) as port:
        with pytest.raises(Undelivered, match="535"):
            mailed(FakeDigestNotices(), mailer(port, certificate, password="wrong"))
        strict = SmtpServer(host="127.0.0.1", port=port, sender="bot@example.com", encryption=Encryption.STARTTLS)
        with pytest.raises(Undelivered, match="away"):
            mailed(FakeDigestNotices(), SmtpMailer(strict, Renderer()))


def test_a_check_connects_and_logs_in_and_sends_nothing(certificate: Path) -> None:
    inbox = Inbox()
    with server(inbox, certificate) as port:
        assert mailer(port, certificate).check() == f"127.0.0.1:{port}, starttls, logged in"
        with pytest.raises(Undelivered, match="535"):
            mailer(port, certificate, password="wrong").check()
    assert inbox.mails == []


def test_a_server_that_is_away_is_worth_another_try(certificate: Path) -> None:
    with pytest.raises(Undelivered) as away:
        mailed(FakeDigestNotices(), mailer(free_port(), certificate))
    assert not away.value.permanent


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\r\nBcc: everybody@example.com", "&" * 3000, "\ud800"])
def test_a_text_from_outside_is_neither_markup_nor_a_header(text: str) -> None:
    value = exaggerated(DIGEST, text, 4)
    assert isinstance(value, Digest)
    mail = Renderer().mail(value)
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert len(mail.subject) <= 150
