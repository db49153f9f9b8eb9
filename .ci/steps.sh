# Sourced by run: steps, each with its time, and a table of them all at the end.

steps=() titles=() running=()
logs=$(mktemp -d)

# step TITLE COMMAND...: runs it; the first that fails ends the script. Exit code 77: it could not be
# run here, and why was printed.
step() {
    local title=$1 started=$SECONDS code=0
    shift
    printf '\n=== %s (at %d s)\n' "$title" "$SECONDS"
    "$@" || code=$?
    _note "$title" "$code" $((SECONDS - started)) || exit "$code"
}

# beside TITLE COMMAND...: starts it, to run beside the steps that follow: for what keeps one core busy
# at most. `join` waits for all of them, and prints what each printed.
beside() {
    local log=$logs/${#titles[@]}
    titles+=("$1")
    printf '\n=== %s (at %d s, beside what follows)\n' "$1" "$SECONDS"
    shift
    # In a session of its own, so that it can be ended with all that it started.
    setsid bash -c '
        log=$1 code=0 && shift
        "$@" >"$log" 2>&1 || code=$?
        echo "$SECONDS" >"$log.seconds"
        exit "$code"' - "$log" "$@" &
    running+=($!)
}

join() {
    local each code failed=0
    for each in "${!titles[@]}"; do
        code=0
        wait "${running[each]}" || code=$?
        unset "running[each]"
        printf '\n=== %s\n' "${titles[each]}"
        cat "$logs/$each"
        _note "${titles[each]}" "$code" "$(cat "$logs/$each.seconds")" || failed=$code
    done
    titles=() running=()
    [ "$failed" = 0 ] || exit "$failed"
}

_note() {
    local title=$1 code=$2 seconds=$3 result=ok
    case $code in 0) ;; 77) result=SKIPPED ;; *) result=FAILED ;; esac
    steps+=("$(printf '%6d s  %-7s  %s' "$seconds" "$result" "$title")")
    printf '=== %s: %s, %d s\n' "$title" "$result" "$seconds"
    [ "$result" != FAILED ]
}

# Ends what still runs, and prints the table.
end_steps() {
    local outcome=$? each
    for each in "${running[@]}"; do
        kill -- "-$each" 2>/dev/null || true
    done
    rm -rf "$logs"
    printf '\n'
    [ ${#steps[@]} = 0 ] || printf '%s\n' "${steps[@]}"
    [ "$outcome" != 0 ] || printf '%6d s  everything that was run passed\n' "$SECONDS"
}

trap end_steps EXIT
# Else the table of a run that was ended says that all passed.
trap 'exit 130' INT
trap 'exit 143' TERM
