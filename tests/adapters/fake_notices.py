"""Notices in memory, under the contract of the store's."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.services.incidents.ports import Notice


@dataclass(slots=True)
class FakeNotices:
    noted: dict[tuple[str, str], Notice] = field(default_factory=dict)

    def notice(self, key: str, channel: str) -> Notice | None:
        return self.noted.get((key, channel))

    def told(self, prefix: str, channel: str) -> list[Notice]:
        return [self.noted[at] for at in sorted(self.noted) if at[0].startswith(prefix) and at[1] == channel]

    def note(self, notice: Notice) -> None:
        self.noted[notice.key, notice.channel] = notice

    def forget(self, key: str, channel: str) -> None:
        self.noted.pop((key, channel), None)
