#!/usr/bin/env bash
# Runs every fuzz target for a bounded time: FUZZ_SECONDS each (20 by default), or only the targets named as arguments.
# With --build they are built and not run.
# New inputs go to fuzz/corpus, which is not kept; what breaks a target goes to fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo fuzz --version >/dev/null 2>&1; then
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked cargo-fuzz # it runs for seconds
fi

# cargo-fuzz asks for unstable compiler flags; with this the pinned stable compiler takes them.
export RUSTC_BOOTSTRAP=1

# The protocol forbids unsafe code, so sanitizers would find nothing and cost half of the speed.
cargo fuzz build --sanitizer none
if [ "${1:-}" = --build ]; then exit 0; fi

if [ "$#" -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(cargo fuzz list); fi
[ "${#targets[@]}" -gt 0 ] || { echo "no fuzz targets found" >&2; exit 1; }

for target in "${targets[@]}"; do
    seeds="fuzz/seeds/$target"
    # The generic walk begins where the views do.
    if [ "$target" = wire ]; then seeds=fuzz/seeds/message; fi
    [ -d "$seeds" ] || { echo "$seeds is missing: a target without seeds finds little" >&2; exit 1; }
    mkdir -p "fuzz/corpus/$target"
    echo "fuzz target $target"
    cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "$seeds" -- \
        -max_total_time="${FUZZ_SECONDS:-20}" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0
done
