"""From evidence to the cause: type, signature, explanation, the line that decided."""

from bot.domain.diagnosis.catalogue import Catalogue
from bot.domain.diagnosis.first_fault import root_of
from bot.domain.diagnosis.template import group_unknown
from bot.domain.diagnosis.verdict import diagnose

__all__ = ["Catalogue", "diagnose", "group_unknown", "root_of"]
