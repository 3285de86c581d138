"""What is handed out runs on glibc 2.17 and Java 11, and the check that says so can fail."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

DIST = ROOT / "build" / "dist"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_dist", ROOT / "tools" / "check_dist.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def wheel() -> Path:
    return the_one("*.whl")


@pytest.fixture
def jar() -> Path:
    return the_one("buzzsaw-[0-9]*.jar")


@pytest.fixture
def spark_jar() -> Path:
    return the_one("buzzsaw-spark_*.jar")


def the_one(pattern: str) -> Path:
    found = [path for path in DIST.glob(pattern) if not path.stem.endswith(("-sources", "-javadoc"))]
    if not found:
        pytest.skip("nothing is built to hand out: run `make dist`")
    (path,) = found
    return path


def test_the_wheel_is_of_manylinux2014(check: ModuleType, wheel: Path) -> None:
    assert check.wheel_problems(wheel) == []
    assert "manylinux2014_x86_64" in wheel.name


def test_the_jar_is_java_11_and_alone(check: ModuleType, jar: Path) -> None:
    assert check.jar_problems(jar) == []
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
        assert [name for name in names if name.endswith(".so")] == [check.LIBRARY]
        assert b"planted_panic" not in archive.read(check.LIBRARY)
        classes = [name for name in names if name.endswith(".class")]
    assert classes
    assert all(name.startswith("io/buzzsaw/") for name in classes), "no class of another library is packed"


def test_the_jar_for_spark_has_the_same_library_and_nothing_of_others(
    check: ModuleType, jar: Path, spark_jar: Path, tmp_path: Path
) -> None:
    assert check.spark_jar_problems(spark_jar, jar) == []
    changed = tmp_path / spark_jar.name
    with zipfile.ZipFile(spark_jar) as archive, zipfile.ZipFile(changed, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, content[:-1] + b"?" if name == check.LIBRARY else content)
        copy.writestr("org/other/Packed.class", b"\xca\xfe\xba\xbe\x00\x00\x00\x3d")
        copy.writestr("io/buzzsaw/Newer.class", b"\xca\xfe\xba\xbe\x00\x00\x00\x41")
    assert check.spark_jar_problems(changed, jar) == [
        "io/buzzsaw/Newer.class is of class file version 65",
        f"{changed.name} packs org/other/Packed.class",
        f"{changed.name} does not hold the library of {jar.name}",
    ]


def test_each_jar_has_its_licence_sources_and_javadoc(
    check: ModuleType, jar: Path, spark_jar: Path, tmp_path: Path
) -> None:
    assert check.companion_problems(jar) == check.companion_problems(spark_jar) == []
    alone = tmp_path / jar.name
    with zipfile.ZipFile(jar) as archive, zipfile.ZipFile(alone, "w") as copy:
        for name in archive.namelist():
            if name != check.LICENCE:
                copy.writestr(name, archive.read(name))
    assert check.companion_problems(alone) == [
        f"{jar.name} holds no licence",
        f"{jar.stem}-sources.jar is not there, or has nothing of the jar's",
        f"{jar.stem}-javadoc.jar is not there, or has nothing of the jar's",
    ]


def test_a_library_of_this_machine_alone_is_refused(check: ModuleType) -> None:
    """CPython's own modules are linked as this machine links."""
    here = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
    modules = [path.read_bytes() for path in here.glob("*.so")] + [Path(sys.executable).resolve().read_bytes()]
    versions = set().union(*(check.needs(module)[1] for module in modules))
    assert versions
    assert check.too_new(versions | {"GLIBC_2.18"}) != []
    assert check.too_new({"GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.3.4"}) == []
    assert check.too_new({"GLIBC_2.34", "GLIBC_2.17.1", "GCC_3.0", "GLIBC_PRIVATE"}) == [
        "GCC_3.0",
        "GLIBC_2.17.1",
        "GLIBC_2.34",
        "GLIBC_PRIVATE",
    ]


def test_a_library_without_the_names_of_its_functions_is_refused(check: ModuleType, jar: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        shipped = archive.read(check.LIBRARY)
    stripped = tmp_path / "stripped.so"
    stripped.write_bytes(shipped)
    subprocess.run(["strip", stripped], check=True)
    assert check.native_problems("whole", shipped) == []
    assert check.native_problems("stripped", stripped.read_bytes()) == [
        "stripped does not name its functions, so a backtrace says nothing"
    ]


def test_a_newer_class_and_another_module_are_refused(check: ModuleType, jar: Path, tmp_path: Path) -> None:
    changed = tmp_path / jar.name
    with zipfile.ZipFile(jar) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "io/buzzsaw/Pipeline.class":
                data = data[:6] + (61).to_bytes(2, "big") + data[8:]
            new.writestr(name, data)
    assert check.jar_problems(changed) == ["io/buzzsaw/Pipeline.class is of class file version 61"]


def test_a_wheel_of_another_name_is_refused(check: ModuleType, wheel: Path, tmp_path: Path) -> None:
    renamed = tmp_path / re.sub(r"manylinux\S*x86_64", "linux_x86_64", wheel.name)
    renamed.write_bytes(wheel.read_bytes())
    assert f"{renamed.name} does not say that it is {check.TAG}" in check.wheel_problems(renamed)
