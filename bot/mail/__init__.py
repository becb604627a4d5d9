"""E-mail out: digests for people who do not read Slack."""

from bot.mail.smtp import Encryption, SmtpMailer, SmtpServer

__all__ = ["Encryption", "SmtpMailer", "SmtpServer"]
