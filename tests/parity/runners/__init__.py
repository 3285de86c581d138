"""The runtimes, one file each. None sees another's output."""

from harness.task import Runner

from runners.jar import JarRunner
from runners.rust import RustRunner
from runners.spark import SparkRunner
from runners.wheel import WheelRunner

__all__ = ["JarRunner", "RustRunner", "SparkRunner", "WheelRunner", "every_runner"]


def every_runner() -> list[Runner]:
    """All of them; `SparkRunner.stop` ends what the last two start."""
    return [RustRunner(), WheelRunner(), JarRunner(), JarRunner(strings=True), SparkRunner(), SparkRunner("jvm")]
