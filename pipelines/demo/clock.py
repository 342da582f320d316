"""The demo's own time, which runs faster than the clock on the wall or stands still.

What happens is planned in demo time at its true length; what is told is stamped with the time on the wall, so that the
pages show ages and rates as they are. Before the start the two are the same: the head start lies in the real past.
"""

from typing import NamedTuple

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


class _Stretch(NamedTuple):
    wall_ms: int
    demo_ms: int
    speed: float


class Clock:
    """Demo time for wall time and back. Wall times are given, never read."""

    def __init__(self, start_ms: int, speed: float) -> None:
        self.start_ms = start_ms
        self._stretches = [_Stretch(start_ms, start_ms, speed)]

    @property
    def speed(self) -> float:
        """How many times faster than the wall; 0 stands still."""
        return self._stretches[-1].speed

    def now(self, wall_ms: int) -> int:
        """Give the demo time at a wall time that is not before the last change of speed."""
        last = self._stretches[-1]
        return last.demo_ms + int(max(0, wall_ms - last.wall_ms) * last.speed)

    def change_speed(self, wall_ms: int, speed: float) -> None:
        """Go on from here at another speed."""
        if speed != self.speed:
            self._stretches.append(_Stretch(wall_ms, self.now(wall_ms), speed))

    def wall_of(self, demo_ms: int) -> int:
        """Give the wall time of a demo time: by the speed of then, and by the present one for what is to come."""
        if demo_ms <= self.start_ms:
            return demo_ms
        stretch = next(stretch for stretch in reversed(self._stretches) if stretch.demo_ms <= demo_ms)
        # While it stands still nothing is due; a promise made just before is taken at the real pace.
        return stretch.wall_ms + int((demo_ms - stretch.demo_ms) / (stretch.speed or 1.0))
