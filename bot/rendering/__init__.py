"""From values to what a person or a program reads: templates in, text out."""

from bot.rendering.message import Message
from bot.rendering.renderer import Renderer

__all__ = ["Message", "Renderer"]
