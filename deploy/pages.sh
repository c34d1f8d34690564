#!/usr/bin/env bash
# Adds a report to the site on the branch gh-pages of a repository, from which GitHub Pages serves it.
#
#   deploy/pages.sh REPORT REMOTE ADDRESS
#
# The branch holds one commit, which each release replaces: a history of files would only grow.
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
report=$1 remote=$2 address=$3
python=$(dirname "$0")/../.venv/bin/python

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
site=$folder/site
# An answer without the branch is a first release; no answer is an error, or the site would begin anew.
branch=$(git ls-remote --heads "$remote" refs/heads/gh-pages)
if [ -n "$branch" ]; then
  git clone --quiet --depth 1 --branch gh-pages "$remote" "$site"
else
  git init --quiet --initial-branch gh-pages "$site"
fi
"$python" -m reports site --report "$report" --output "$site" --address "$address"
touch "$site/.nojekyll" # else GitHub makes pages of its own from what is no page
git -C "$site" add --all
git -C "$site" -c user.name=hub-observatory -c user.email=hub-observatory@invalid \
  commit --quiet ${branch:+--amend} --message "Publish the releases"
# Only in place of what was fetched: a release that came meanwhile is not lost.
git -C "$site" push --quiet --force-with-lease="gh-pages:${branch%%[[:space:]]*}" "$remote" gh-pages
