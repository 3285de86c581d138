"""What the parity harness is made of; `tests/parity/run.py` and `test_parity.py` use it."""
