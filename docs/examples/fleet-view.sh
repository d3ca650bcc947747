#!/bin/sh
# Shows the Keys of many computers, those whose certificates expire first on top. Needs ssh with keys, and jq.
#
#   fleet-view.sh HOSTS        HOSTS: a file with one computer a line
#
# Columns: days left, computer, Key, holder, kind of key, state of the PIN. A computer that does not answer is told at the end
# of the list with a dash.
set -eu

while read -r host; do
    [ -n "$host" ] || continue
    if status=$(ssh -n -o BatchMode=yes -o ConnectTimeout=5 "$host" ukeyctl --json status); then
        printf '%s' "$status" | jq --raw-output --arg host "$host" '
            .keys[] as $key | $key.certificates[]
            | [.days_left, $host, $key.label, .holder_name, .key_type, $key.pin_state] | @tsv'
    else
        printf '%s\t%s\t-\t-\t-\t-\n' 99999 "$host"
    fi
done <"$1" | sort -n | sed 's/^99999/-/'
