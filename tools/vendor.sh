#!/usr/bin/env bash
# Make src/lantian_web/static/vendor again: the files the pages load, their licences and SHA256SUMS over both.
# Versions stand in package.json, hashes of the packages in package-lock.json. Names stay as they are: MapLibre
# fetches its worker under its plain name from beside itself.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD vendor=$PWD/src/lantian_web/static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp package.json package-lock.json .npmrc "$work"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
rm -rf "$vendor"

take() { # package, then its files
    local package=$1 file
    shift
    mkdir -p "$vendor/$package"
    for file in "$@"; do
        install -m 644 "$work/node_modules/$package/$file" "$vendor/$package/"
    done
}
take echarts dist/echarts.min.js LICENSE NOTICE licenses/LICENSE-d3
take htmx.org dist/htmx.min.js LICENSE
take maplibre-gl dist/maplibre-gl.mjs dist/maplibre-gl-worker.mjs dist/maplibre-gl.css LICENSE.txt

cd "$vendor"
find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS
echo "wrote ${vendor#"$root"/}" >&2
