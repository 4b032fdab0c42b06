#!/bin/sh
# Grafana's own start, once its administrator has a password that nobody else knows: the volume
# keeps the first one, and whoever reads the dashboards' port could be the administrator.
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
exec "${1:-/run.sh}"
