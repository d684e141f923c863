#!/usr/bin/env bash
# Makes the secrets that compose.yaml names, where they are missing. What is there is never changed.
set -euo pipefail
cd "$(dirname "$0")"

# The user of the image, see OFD_UID in deploy/Dockerfile: compose mounts these files with the owner they have here.
ofd_uid=10001
# The user of Grafana's image.
grafana_uid=472

umask 077
mkdir -p secrets
for name in api_token cql_password cql_superuser_password grafana_password; do
    # Hexadecimal, so that no quote or blank can be in them.
    [ -s "secrets/$name" ] || openssl rand -hex 32 >"secrets/$name"
done
if [ ! -s secrets/tls_key ] || [ ! -s secrets/tls_certificate ]; then
    # Enough to try TLS. Put the real chain and key here: tills check them.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=${OFD_HOST:-localhost}" \
        -addext "subjectAltName=DNS:${OFD_HOST:-localhost}" -keyout secrets/tls_key -out secrets/tls_certificate 2>/dev/null
fi

if [ "$(id -u)" = 0 ]; then
    chown "$ofd_uid" secrets/api_token secrets/cql_password secrets/tls_key secrets/tls_certificate
    chown "$grafana_uid" secrets/grafana_password
    chmod 0400 secrets/*
    # The folder itself: the files are mounted one by one, nobody in a container walks through it.
    chmod 0700 secrets
else
    # Only root can give files away. Readable by all, but in a folder that only you can enter.
    chmod 0444 secrets/*
    chmod 0700 secrets
    echo "secrets.sh: run it as root to give each file to its one reader; now all containers could read all of them" >&2
fi
echo "secrets.sh: secrets/ is complete"
