# shellcheck shell=sh
# Sourced, not run. Where script/bootstrap puts the cargo tools that are not on the machine already (a folder each),
# and how the other scripts find them.

UKEY_CARGO_TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/ukeyd/cargo-tools"

for ukey_tool in cargo-nextest cargo-deny; do
    case ":$PATH:" in
    *":$UKEY_CARGO_TOOLS/$ukey_tool/bin:"*) ;;
    # Last: a tool that the developer installed wins.
    *) PATH="$PATH:$UKEY_CARGO_TOOLS/$ukey_tool/bin" ;;
    esac
done
export PATH
unset ukey_tool
