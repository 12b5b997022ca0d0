#!/usr/bin/env bash
# qpmatch and jq: numbers for a report, a work list for a colleague, and a plan made from a filter.
# Try it: QPMATCH_REGION=sandbox examples/pipeline.sh
set -euo pipefail
out=${1:-.}

# How many companies of each type are matched, suggested and unmatched.
qpmatch list companies -o json |
  jq -r 'group_by(.type, .status)[] | [.[0].type, .[0].status, length] | @csv' > "$out/numbers.csv"

# What needs a person: the best candidate, its score and the reason, highest score first.
qpmatch suggest -o json |
  jq -r 'map(select(.decision == "review" and .customer)) | sort_by(-.score)[]
         | [.company.name, .customer.name, .score, .reason] | @tsv' > "$out/review.tsv"

# Companies with no candidate at all, active and of type Customer: stage a new customer for each.
qpmatch suggest -o json |
  jq -r '.[] | select(.candidates == []) | .company.id' | sort > "$out/lonely.txt"
qpmatch list companies --type Customer --active --status unmatched -o json |
  jq -r '.[].id' | sort | comm -12 - "$out/lonely.txt" | sed 's/^/id:/' |
  xargs qpmatch create --plan "$out/creates.yaml" --quiet

qpmatch plan lint "$out/creates.yaml"
