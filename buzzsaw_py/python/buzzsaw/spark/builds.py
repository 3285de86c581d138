"""One build of the library on the driver and on every executor."""

from __future__ import annotations

import functools

from buzzsaw.build import build_id
from buzzsaw.errors import UnsupportedVersionError


@functools.cache
def own_build() -> str:
    """The build of this process."""
    return build_id()


def check_build(driver: str) -> None:
    """Refuses to work for a driver of another build, whose features could have other bits.

    Args:
        driver: The driver's build.

    Raises:
        UnsupportedVersionError: when it is not this one.
    """
    if driver != own_build():
        raise UnsupportedVersionError.of(
            f"the driver has the build {driver} of Buzzsaw, and an executor the build {own_build()}",
            place="executor",
            hint="give both the same wheel",
        )
