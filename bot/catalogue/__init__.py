"""The catalogue of signatures, as data: one YAML file per family beside this module, read and checked by `load`."""

from bot.catalogue.loading import BadCatalogue, load

__all__ = ["BadCatalogue", "load"]
