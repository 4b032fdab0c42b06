#!/bin/sh
# Grafana's own start, once its administrator has a password that nobody else knows: the volume
# keeps the first one, and whoever reads the dashboards' port could be the administrator. The pages
# are copied on the way, with the address at which readers reach the wall.
set -eu
password=${GF_SECURITY_ADMIN_PASSWORD:-}
case $(printf %s "$password" | tr '[:upper:]' '[:lower:]') in
admin | *changeme* | *change-me* | *change_me* | *example* | *password* | *secret* | *grafana* | *default*)
  echo "GRAFANA_PASSWORD is one that everybody tries: choose another in .env (openssl rand -hex 16)." >&2
  exit 2
  ;;
esac
if [ "${#password}" -lt 12 ]; then
  echo "GRAFANA_PASSWORD is shorter than 12 characters: choose another in .env (openssl rand -hex 16)." >&2
  exit 2
fi
wall=${STREAMER_PUBLIC_URL:-http://127.0.0.1:8080}
case $wall in
*[!A-Za-z0-9:/._~%-]* | [!h]*)
  echo "STREAMER_PUBLIC_URL is no address: write it as https://prospection.example.com." >&2
  exit 2
  ;;
esac
shown=${GF_PATHS_DATA:?}/prospection
mkdir -p "$shown"
rm -f "$shown"/*.json
for page in "$(dirname "$0")"/dashboards/*.json; do
  sed "s|http://127\.0\.0\.1:8080|${wall%/}|g" "$page" >"$shown/${page##*/}"
done
exec "${1:-/run.sh}"
