"""A clock that stands at the history's dates and runs at the speed of the real one."""

import glob
from datetime import datetime, timedelta, timezone


class Clock:
    def __init__(self):
        self._offset = timedelta(0)

    def now(self):
        return datetime.now(timezone.utc) + self._offset

    def set(self, moment):
        self._offset = moment - datetime.now(timezone.utc)

    def skip(self, seconds):
        self._offset += timedelta(seconds=seconds)

    def environment(self):
        """Variables that make a child process live at this clock's time."""
        return {
            "LD_PRELOAD": glob.glob("/usr/lib/*/faketime/libfaketime.so.1")[0],
            "FAKETIME": f"{self._offset.total_seconds():+.6f}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def parse(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
