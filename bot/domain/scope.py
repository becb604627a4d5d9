"""What one question asks for and may see: a project, a cluster, within the projects that may be shown at all."""

from __future__ import annotations

from dataclasses import dataclass

EVERY_PROJECT = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """A question's reach. `allowed` is None where every project may be seen; an empty one means none."""

    allowed: frozenset[str] | None = None
    project: str | None = None
    cluster: str | None = None

    @classmethod
    def of(cls, allowed_projects: tuple[str, ...], *, project: str | None = None, cluster: str | None = None) -> Scope:
        """The reach that the setting `allowed_projects` leaves; `"*"` in it stands for every project."""
        allowed = None if EVERY_PROJECT in allowed_projects else frozenset(allowed_projects)
        return cls(allowed, project, cluster)

    def may_see(self, project: str | None) -> bool:
        """Whether a thing of this project may be shown; a thing of no known project only to those who see all."""
        return self.allowed is None or project in self.allowed

    def may_see_all_of(self, projects: frozenset[str] | None) -> bool:
        """Whether a thing that was made from what these projects recorded (None: all of them) may be shown."""
        return self.allowed is None or (projects is not None and projects <= self.allowed)

    @property
    def projects(self) -> tuple[str, ...] | None:
        """The projects to look at, sorted; None for all of them, empty for none."""
        if self.project is not None:
            return (self.project,) if self.may_see(self.project) else ()
        return None if self.allowed is None else tuple(sorted(self.allowed))


EVERYTHING = Scope()
"""For what the bot does by itself and tells nobody. No answer to a person is made with it."""
