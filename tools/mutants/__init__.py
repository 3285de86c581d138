"""Mutation testing in one build: every mutant of cargo-mutants, compiled behind a switch. See `docs/parity.md`."""
