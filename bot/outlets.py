"""Where the bot speaks beside Slack: the mail server and the pager that the settings name."""

from __future__ import annotations

from pydantic import SecretStr

from bot.mail import Encryption, SmtpMailer, SmtpServer
from bot.pager import PagerAccount, Service, WebhookPager
from bot.rendering import Renderer
from bot.settings import Settings


def mailer(settings: Settings, renderer: Renderer) -> SmtpMailer | None:
    """Mail, where a server for it is set."""
    if settings.smtp_host is None:
        return None
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        encryption=Encryption(settings.smtp_encryption.value),
        user=settings.smtp_user,
        password=_secret(settings.smtp_password) or None,
    )
    return SmtpMailer(server, renderer)


def pager(settings: Settings, renderer: Renderer) -> WebhookPager | None:
    """A pager, where one is set."""
    if settings.pager is None:
        return None
    service = Service(settings.pager.value)
    account = PagerAccount(service=service, key=_secret(settings.pager_key), url=settings.pager_url)
    return WebhookPager(account, renderer)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
