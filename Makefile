# Every entry point of the project. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROWS ?= 100000
BENCH ?=
FILE ?=
ONLY ?=
FUZZ_SECONDS ?= 600
MVN := mvn -q -B -f buzzsaw_jvm/pom.xml
JAR_BUILT := buzzsaw_jvm/core/target/.built
WHEEL_BUILT := $(VENV)/.wheel-built
PARITY_BUILT := target/release/examples/parity_rows
FAULTS_BUILT := build/faults/libbuzzsaw_jni.so
# What is shipped is linked against glibc 2.17; the crates below it are compiled, once, as cargo always does.
PORTABLE := -- -C linker=$(abspath tools/link_glibc_2_17.sh)
RUST_SOURCES := $(shell find buzzsaw_core buzzsaw_py buzzsaw_jvm/native \( -name '*.rs' -o -name 'Cargo.toml' \) -not -path '*/target/*') Cargo.toml Cargo.lock

export BUZZSAW_SHARED ?= $(abspath ../shared)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	touch $@

# The wheel's extension module is built in place, so that Python files are used where they are.
$(WHEEL_BUILT): $(VENV)/.installed $(RUST_SOURCES) pyproject.toml
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --locked --quiet $(PORTABLE)
	touch $@

build/delta-jars/.resolved: tools/resolve_delta_jars.sh $(wildcard tools/delta_jars/*)
	bash tools/resolve_delta_jars.sh
	touch $@

# HDFS's daemons, for tests.
build/hdfs-jars/.resolved: tools/hdfs_jars/pom.xml
	rm -rf $(@D)
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies
	touch $@

$(JAR_BUILT): $(VENV)/.installed $(RUST_SOURCES) $(shell find buzzsaw_jvm \( -name '*.java' -o -name '*.scala' -o -name '*.kt' -o -name 'pom.xml' \) -not -path '*/target/*') LICENSE
	cargo rustc --release --locked --quiet -p buzzsaw_jni --lib $(PORTABLE)
	$(MVN) -DskipTests package
	touch $@

# The Rust runtime of the parity harness.
$(PARITY_BUILT): $(RUST_SOURCES)
	cargo build --release --locked --quiet -p buzzsaw_core --example parity_rows
	touch $@

# The jar's library with a transform that panics: for tests, and never in a jar.
$(FAULTS_BUILT): $(VENV)/.installed $(RUST_SOURCES)
	cargo rustc --profile faults --locked --quiet -p buzzsaw_jni --lib --features planted-faults $(PORTABLE)
	mkdir -p $(@D)
	cp target/faults/libbuzzsaw_jni.so $@

# What Lucene and the JDK say, for oracles.
build/oracles/.built: tools/build_oracles.sh $(shell find tests/oracles/jvm -type f -not -path '*/target/*')
	bash tools/build_oracles.sh
	touch $@

.PHONY: build
build: $(WHEEL_BUILT) $(JAR_BUILT) $(PARITY_BUILT) build/delta-jars/.resolved ## Build the wheel, the jars and fetch Delta's jars

.PHONY: dist
dist: $(WHEEL_BUILT) $(JAR_BUILT) ## The wheel and the jars to hand out, with sources and Javadoc, in build/dist, and what they need of a machine
	rm -rf build/dist
	mkdir -p build/dist
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin build --release --locked --quiet --compatibility manylinux2014 --interpreter $(abspath $(BIN))/python --out build/dist $(PORTABLE)
	find buzzsaw_jvm/core/target buzzsaw_jvm/spark/target -maxdepth 1 -name "buzzsaw-*.jar" -exec cp {} build/dist/ \;
	$(BIN)/python tools/check_dist.py build/dist

.PHONY: demo
demo: $(WHEEL_BUILT) build/delta-jars/.resolved ## Run labels and nightly features on this machine and say where their outputs are
	$(BIN)/python tools/demo.py

.PHONY: cases
cases: $(WHEEL_BUILT) build/oracles/.built ## Freeze the oracles' values for the core's own tests
	$(BIN)/python tests/parity/freeze.py build/cases

.PHONY: test
test: build build/oracles/.built build/hdfs-jars/.resolved check dist $(FAULTS_BUILT) cases ## Run every test
	cargo test --workspace --locked --quiet
	$(MVN) verify -Dfaults.library=$(abspath $(FAULTS_BUILT))
	# Side by side: while one waits for processes to start or for Spark's driver, the other has both cores. Each command
	# is a process of its own, as folders start Spark's JVM with jars of their own.
	$(BIN)/pytest -q tests/jobs --ignore-glob='*label*' > build/jobs.log 2>&1 & jobs=$$!; failed=0; \
	for tests in tests/parity tests/python "$$(echo tests/jobs/test_*label*.py)"; do \
		ROWS=$(ROWS) $(BIN)/pytest -q $$tests || failed=1; \
	done; \
	wait $$jobs || failed=1; cat build/jobs.log; exit $$failed

.PHONY: check
check: $(WHEEL_BUILT) ## Formats, lints as errors, types, generated files and text tables current
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest buzzsaw._buzzsaw --mypy-config-file pyproject.toml
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/check_tables.py

.PHONY: generate
generate: $(WHEEL_BUILT) ## Write schemas, error classes and the transform reference from the registry
	$(BIN)/python tools/generate.py

.PHONY: parity
parity: build build/oracles/.built ## Compare all runtimes bit for bit on ROWS generated rows
	$(BIN)/python tests/parity/run.py --rows $(ROWS)

.PHONY: bench
bench: build ## Run BENCH=name, BENCH="--record name" into benches/results/, or record every benchmark
	$(BIN)/python benches/run.py $(or $(BENCH),--record)

.PHONY: matrix
matrix: dist ## Test the wheel on each Python and PySpark that it is for, the jar on each Java, or ONLY=3.11-3.5 (some hours)
	PYTHONPATH=tools nice $(BIN)/python -m matrix $(ONLY)

.PHONY: mutants
mutants: cases ## Change the transforms one expression at a time, FILE=clip alone or all; a test must fail (needs cargo-mutants)
	PYTHONPATH=tools nice $(BIN)/python -m mutants $(FILE)

.PHONY: soak
soak: build dist ## A million hostile rows in every runtime, threads of a JVM for a minute, both jobs under faults, then each fuzz target for FUZZ_SECONDS (needs cargo-fuzz and a nightly)
	$(BIN)/python tests/parity/run.py --rows 1000000
	$(MVN) -pl core test -Dtest=ConcurrencyTest -Dconcurrency.seconds=60
	$(BIN)/pytest -q -s tests/jobs/soak_faults.py tests/jobs/soak_cluster.py
	cd buzzsaw_core && for target in artifact spec text; do \
		cargo +nightly fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS); \
	done

.PHONY: clean
clean: ## Remove what was built
	rm -rf target build $(VENV) buzzsaw_jvm/*/target
