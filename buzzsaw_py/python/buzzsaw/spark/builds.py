"""One build of the library on the driver and on every executor."""

from __future__ import annotations

from dataclasses import dataclass, field

from buzzsaw.build import build_id
from buzzsaw.errors import UnsupportedVersionError


@dataclass(frozen=True)
class Task:
    """What the driver gives to Python workers, which must have its build."""

    #: The driver's.
    build: str = field(default_factory=build_id, kw_only=True)

    def check_build(self) -> None:
        """Refuses to work for a driver of another build, whose features could have other bits.

        Raises:
            UnsupportedVersionError: when it is not this one.
        """
        if self.build != build_id():
            raise UnsupportedVersionError.of(
                f"the driver has the build {self.build} of Buzzsaw, and an executor the build {build_id()}",
                place="executor",
                hint="give both the same wheel",
            )
