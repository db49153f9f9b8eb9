# Sourced by run: steps, each with its time, and a table of them all at the end.

steps=()

# step TITLE COMMAND...: runs it; the first that fails ends the script. Exit code 77: it could not be
# run here, and why was printed.
step() {
    local title=$1 started=$SECONDS code=0 result=ok
    shift
    printf '\n=== %s (at %d s)\n' "$title" "$SECONDS"
    "$@" || code=$?
    case $code in 0) ;; 77) result=SKIPPED ;; *) result=FAILED ;; esac
    steps+=("$(printf '%6d s  %-7s  %s' $((SECONDS - started)) "$result" "$title")")
    printf '=== %s: %s, %d s\n' "$title" "$result" $((SECONDS - started))
    [ "$result" != FAILED ] || exit "$code"
}

# Prints the table: call it on exit.
print_steps() {
    local outcome=$?
    printf '\n'
    [ ${#steps[@]} = 0 ] || printf '%s\n' "${steps[@]}"
    [ "$outcome" != 0 ] || printf '%6d s  everything that was run passed\n' "$SECONDS"
}
