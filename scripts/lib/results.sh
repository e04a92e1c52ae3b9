# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Counting what test runners report. Sourced.

tests_passed=0 tests_failed=0 tests_skipped=0

heading() { printf '\n== %s\n' "$*"; }

count_failure() {
  printf 'FAILED: %s\n' "$@"
  tests_failed=$((tests_failed + 1))
}

# Reads a report of swift-testing's, one element a line: prints "outcome<tab>suite<tab>test<tab>reason" for each test.
report_outcomes() {
  awk '
    function attribute(name,  text) {
      if (!match($0, " " name "=\"[^\"]*\"")) return ""
      text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
      gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    function finish() { print outcome "\t" suite "\t" test "\t" reason }
    /<testcase / {
      suite = attribute("classname"); test = attribute("name"); outcome = "passed"; reason = ""
      if (/\/>$/) finish()
    }
    /<failure/ { outcome = "failed" }
    /<skipped/ { if (outcome != "failed") outcome = "skipped"; reason = $0; gsub(/^ *<skipped[^>]*>|<\/skipped>.*$/, "", reason) }
    /<\/testcase>/ { finish() }
  ' "$1"
}

add_counts() {
  tests_passed=$((tests_passed + $1))
  tests_failed=$((tests_failed + $2))
  tests_skipped=$((tests_skipped + $3))
}

count_lines() { grep -c "$1" || true; }

# count_report FILE STATUS: adds a swift-testing report to the totals. A run that ended badly without a failed test to
# show for it (a crash, a time-out, something left behind) is one failure more.
count_report() {
  local file=$1 status=$2 outcomes='' failed
  if [ -f "$file" ]; then outcomes=$(report_outcomes "$file"); fi
  failed=$(count_lines '^failed' <<<"$outcomes")
  add_counts "$(count_lines '^passed' <<<"$outcomes")" "$failed" "$(count_lines '^skipped' <<<"$outcomes")"
  if [ -z "$outcomes" ]; then
    count_failure "the test run ended with status $status and no report"
  elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    count_failure "the test run ended with status $status, though no test failed"
  fi
}

# count_tap FILE STATUS: the same for lines of the Test Anything Protocol.
count_tap() {
  local file=$1 status=$2 failed skipped
  failed=$(count_lines '^not ok' <"$file")
  skipped=$(count_lines '^ok.* # SKIP' <"$file")
  add_counts "$(($(count_lines '^ok' <"$file") - skipped))" "$failed" "$skipped"
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    count_failure "the test run ended with status $status, though no test failed"
  fi
}

# count_program WHAT STATUS: the same for a program that is one test, passed when it ends with 0.
count_program() {
  if [ "$2" = 0 ]; then add_counts 1 0 0; else count_failure "$1 ended with status $2"; fi
}

# count_totals FILE STATUS: the same for the output of a script that ends with print_totals.
count_totals() {
  local file=$1 status=$2 passed failed skipped
  if read -r passed failed skipped < <(sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$file"); then
    add_counts "$passed" "$failed" "$skipped"
    [ "$status" = 0 ] || [ "$failed" != 0 ] || count_failure "ended with status $status, though no test failed"
  else
    count_failure "ended with status $status and without totals"
  fi
}

uncount_skipped() { tests_skipped=$((tests_skipped - $1)); }

# Prints, one a line, regular expressions for the tests that were skipped because the kernel cannot do what they need.
needing_kernel() {
  [ -f "$1" ] || return 0
  report_outcomes "$1" | awk -F'\t' '$1 == "skipped" && $4 ~ /[Tt]his kernel/ {
    name = $2 "/" $3
    gsub(/[][(){}^$*+?|\\]/, "\\\\&", name)
    gsub(/\./, "[./]", name)
    print "^" name
  }'
}

# Prints the totals as the last line; the exit status is the verdict.
print_totals() {
  printf '\n%d passed, %d failed, %d skipped\n' "$tests_passed" "$tests_failed" "$tests_skipped"
  [ "$tests_failed" = 0 ]
}
