"""Says what the wheel and the jars of a folder need of a machine, and fails when it is more than they promise.

The wheel's native module and the jar's library ask for no symbol newer than glibc 2.17 and for no library outside
manylinux2014, and name their functions, for backtraces; `auditwheel` confirms the wheel's tag; the jar holds Java 11
bytecode and uses `java.base` alone; the jar for Spark holds the same library, Java 17 bytecode at most, and no class of
others. Each jar has its licence inside, and its sources and Javadoc beside it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

GLIBC = (2, 17)
TAG = "manylinux_2_17_x86_64"
LICENCE = "META-INF/LICENSE"
#: What a jar's companions have behind its name.
BESIDE = ("-sources", "-javadoc")
#: How the name of the jar for Spark begins.
SPARK = "buzzsaw-spark_"
LIBRARY = "native/linux-x86_64/libbuzzsaw_jni.so"
JAVA_11, JAVA_17 = 55, 61
#: Those of manylinux2014 that belong to glibc; the compiler's own are not needed.
SYSTEM = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2"}


def needs(library: bytes) -> tuple[set[str], set[str]]:
    """The libraries and the symbol versions that a native library asks for."""
    libraries, versions = set(), set()
    for section in ELFFile(BytesIO(library)).iter_sections():
        if isinstance(section, DynamicSection):
            libraries |= {tag.needed for tag in section.iter_tags("DT_NEEDED")}
        elif isinstance(section, GNUVerNeedSection):
            versions |= {entry.name for _, entries in section.iter_versions() for entry in entries}
    return libraries, versions


def names(library: bytes) -> bytes:
    """The names of a native library's functions, those that it does not export, too."""
    section = ELFFile(BytesIO(library)).get_section_by_name(".strtab")
    return b"" if section is None else bytes(section.data())


def too_new(versions: set[str]) -> list[str]:
    """The versions that glibc 2.17 does not have."""
    found = []
    for version in sorted(versions):
        number = re.fullmatch(r"GLIBC_(\d+(?:\.\d+)+)", version)
        if not number or tuple(map(int, number[1].split("."))) > GLIBC:
            found.append(version)
    return found


def native_problems(name: str, library: bytes) -> list[str]:
    """What a native library asks for and must not."""
    libraries, versions = needs(library)
    newest = max(versions, key=lambda v: [int(part) for part in re.findall(r"\d+", v)], default="none")
    print(f"{name}: {len(library):,} bytes, {newest} at most, needs {', '.join(sorted(libraries))}")
    wrong = [f"{name} asks for {version}" for version in too_new(versions)]
    wrong += [f"{name} needs {other}" for other in sorted(libraries - SYSTEM)]
    if b"buzzsaw_core" not in names(library):
        wrong.append(f"{name} does not name its functions, so a backtrace says nothing")
    return wrong


def wheel_problems(wheel: Path) -> list[str]:
    """What is wrong with a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        modules = {name: archive.read(name) for name in archive.namelist() if name.endswith(".so")}
    wrong = [] if modules else [f"{wheel.name} holds no native module"]
    for name, module in modules.items():
        wrong += native_problems(f"{wheel.name}: {name}", module)
    shown = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", str(wheel)], capture_output=True, text=True, check=False
    )
    told = re.findall(r"(?:platform\s+tag|tag):\s+\"(\w+)\"", shown.stdout)
    print(f"{wheel.name}: auditwheel says {', '.join(told) or shown.stdout + shown.stderr}")
    if TAG not in told:
        wrong.append(f"auditwheel does not say that {wheel.name} is {TAG}")
    if TAG not in wheel.stem.rpartition("-")[2].split("."):
        wrong.append(f"{wheel.name} does not say that it is {TAG}")
    return wrong


def contents(jar: Path) -> tuple[dict[str, int], bytes | None]:
    """The class file version of each class of a jar, and its library."""
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
        majors = {name: int.from_bytes(archive.read(name)[6:8], "big") for name in names if name.endswith(".class")}
        return majors, archive.read(LIBRARY) if LIBRARY in names else None


def companion_problems(jar: Path) -> list[str]:
    """What a jar lacks for people."""
    with zipfile.ZipFile(jar) as archive:
        wrong = [] if LICENCE in archive.namelist() else [f"{jar.name} holds no licence"]
    sources = (".java", ".scala") if jar.name.startswith(SPARK) else (".java",)
    for suffix, kinds in zip(BESIDE, (sources, (".html",)), strict=True):
        beside, names = jar.with_name(f"{jar.stem}{suffix}.jar"), []
        if beside.exists():
            with zipfile.ZipFile(beside) as archive:
                # Javadoc of a module is in a folder of its name.
                names = [name for name in archive.namelist() if "io/buzzsaw/" in name]
        if not all(any(name.endswith(kind) for name in names) for kind in kinds):
            wrong.append(f"{beside.name} is not there, or has nothing of the jar's")
    return wrong


def jar_problems(jar: Path) -> list[str]:
    """What is wrong with the jar for Java."""
    majors, library = contents(jar)
    if library is None or not majors:
        return [f"{jar.name} holds no library or no classes"]
    wrong = native_problems(f"{jar.name}: {LIBRARY}", library)
    newest = max(majors.values())
    wrong += [f"{name} is of class file version {major}" for name, major in majors.items() if major != JAVA_11]
    command = ["jdeps", "--multi-release", "base", "-s", jar]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = sorted(set(re.findall(r"-> (.+)$", modules, re.MULTILINE)))
    print(f"{jar.name}: {len(majors)} classes of version {newest}, uses {', '.join(used)}")
    if used != ["java.base"]:
        wrong.append(f"{jar.name} uses {used}, not the JDK's base alone")
    return wrong


def spark_jar_problems(jar: Path, java: Path) -> list[str]:
    """What is wrong with the jar for Spark, beside the one for Java."""
    majors, library = contents(jar)
    print(f"{jar.name}: {len(majors)} classes of version {max(majors.values(), default=0)} at most")
    wrong = [f"{name} is of class file version {major}" for name, major in majors.items() if major > JAVA_17]
    wrong += [f"{jar.name} packs {name}" for name in majors if not name.startswith("io/buzzsaw/")]
    if library is None or library != contents(java)[1]:
        wrong.append(f"{jar.name} does not hold the library of {java.name}")
    return wrong


def main() -> int:
    """Checks the folder that is named."""
    folder = Path(sys.argv[1])
    wheels = sorted(folder.glob("*.whl"))
    jars = sorted(jar for jar in folder.glob("*.jar") if not jar.stem.endswith(BESIDE))
    spark = [jar for jar in jars if jar.name.startswith(SPARK)]
    if len(wheels) != 1 or len(spark) != 1 or len(jars) != 2:
        print(f"! {folder} does not hold one wheel, a jar for Java and a jar for Spark", file=sys.stderr)
        return 1
    (java,) = set(jars) - set(spark)
    wrong = wheel_problems(wheels[0]) + jar_problems(java) + spark_jar_problems(spark[0], java)
    wrong += [problem for jar in jars for problem in companion_problems(jar)]
    for line in wrong:
        print(f"! {line}", file=sys.stderr)
    if any("GLIBC" in line for line in wrong):
        print("! cargo linked a library for this machine alone: `make clean`, then build again", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
