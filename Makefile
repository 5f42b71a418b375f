# What one does with callvault. Everything else is in scripts/.
.PHONY: run test check bench torture

# Builds callvault and starts it with sample calls in it; LISTEN=host:port, DATA=directory.
run:
	@scripts/run

# All tests: on SQLite and PostgreSQL, on disk and S3, and with Plivo's own SDKs.
test:
	@scripts/test

# What a reviewer need not look for.
check:
	@scripts/install cmake
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# Speed, as ratios to something outside the project in the same run.
bench:
	@scripts/bench

# Bad days, for long: kill -9 a thousand times. See docs/reliability.md.
torture:
	@scripts/torture
