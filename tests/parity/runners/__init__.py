"""The runtimes, one file each. None sees another's output."""

from runners.jar import JarRunner
from runners.rust import RustRunner
from runners.spark import SparkRunner
from runners.wheel import WheelRunner

__all__ = ["JarRunner", "RustRunner", "SparkRunner", "WheelRunner"]
