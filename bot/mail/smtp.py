"""Sends mail over SMTP. The port `Mailer`; errors become Undelivered here, where they enter."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256

from bot.rendering import Renderer
from bot.services.errors import Undelivered

TIMEOUT = 20
"""Seconds that one step of the conversation may take."""


class Encryption(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    """Plain at first, then TLS before anything is said (port 587)."""
    TLS = "tls"
    """TLS from the beginning (port 465)."""
    NONE = "none"
    """Not at all: for a relay on the same machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A mail server, and who sends."""

    host: str
    port: int
    sender: str
    encryption: Encryption = Encryption.STARTTLS
    user: str | None = None
    password: str | None = None
    context: ssl.SSLContext | None = None
    """Which certificates are trusted; None is the system's."""


class SmtpMailer:
    """Mails values that have a template for mail."""

    def __init__(self, server: SmtpServer, renderer: Renderer) -> None:
        self._server = server
        self._renderer = renderer

    def send(self, to: str, value: object, *, key: str, at: datetime) -> None:
        """Mail a value to one address. The same `key` gives the same Message-ID, by which mail programs know a message
        that a crash made us send twice. Raises Undelivered."""
        mail = self._renderer.mail(value)
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = mail.subject, self._server.sender, to
        message["Date"] = format_datetime(at)
        host = self._server.sender.rpartition("@")[2].strip("<> ") or "failures-bot"
        message["Message-ID"] = f"<{sha256(f'{key}/{to}'.encode()).hexdigest()[:32]}@{host}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody is to answer that they are on holiday
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        with _translated(to), self._connected() as smtp:
            smtp.send_message(message)

    def check(self) -> str:
        """Connect, protect the connection and log in as for a mail, and send none; says what the server is. Raises
        Undelivered."""
        with _translated(self._server.sender), self._connected() as smtp:
            smtp.noop()
        server = self._server
        return f"{server.host}:{server.port}, {server.encryption}{', logged in' if server.user else ''}"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        context = server.context or ssl.create_default_context()
        if server.encryption is Encryption.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        with smtp:
            if server.encryption is Encryption.STARTTLS:
                smtp.starttls(context=context)
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            yield smtp


@contextmanager
def _translated(to: str) -> Iterator[None]:
    """4xx passes by itself, 5xx needs somebody to change something (RFC 5321, 4.2.1); so does a refused login."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=500)
        raise Undelivered(f"mail to {to} was refused: {code}", permanent=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"mail to {to} was refused: {error.smtp_code}", permanent=error.smtp_code >= 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undelivered(f"mail to {to}: the server does not offer what is asked of it", permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Undelivered(f"mail to {to}: the server is away: {error}") from error
