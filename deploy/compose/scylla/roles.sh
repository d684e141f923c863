#!/usr/bin/env bash
# Gives the superuser a password of ours and makes the role `ofd`. Safe to repeat. Argument: a node.
set -euo pipefail
node="$1"
secrets="${SECRETS:-/run/secrets}"
superuser_password="$(cat "$secrets/cql_superuser_password")"
ofd_password="$(cat "$secrets/cql_password")"

# Passwords go in through files of a private folder, never as arguments: those are seen by every process.
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# run USER PASSWORD: the statements come from standard input.
run() {
    # The two sections are for older and newer versions of cqlsh; it refuses a file that others may read.
    (umask 077 && printf '[%s]\nusername = %s\npassword = %s\n\n' plain_text_auth "$1" "$2" PlainTextAuthProvider "$1" "$2" \
        >"$folder/credentials")
    cat >"$folder/statements"
    cqlsh --credentials "$folder/credentials" --request-timeout 30 --file "$folder/statements" "$node"
}

if ! echo "LIST ROLES;" | run cassandra "$superuser_password" >/dev/null 2>&1; then
    echo "roles.sh: the superuser gets its password"
    echo "ALTER ROLE cassandra WITH PASSWORD = '$superuser_password';" | run cassandra cassandra
    # Nodes remember the old one for some seconds.
    for _ in $(seq 15); do
        echo "LIST ROLES;" | run cassandra "$superuser_password" >/dev/null 2>&1 && break
        sleep 2
    done
fi
# `ofd migrate` creates the keyspace, and whoever creates one has every right in it. Elsewhere the role has none.
run cassandra "$superuser_password" <<CQL
CREATE ROLE IF NOT EXISTS ofd WITH LOGIN = true AND PASSWORD = '$ofd_password';
GRANT CREATE ON ALL KEYSPACES TO ofd;
CQL
if ! echo "SELECT key FROM system.local;" | run ofd "$ofd_password" >/dev/null 2>&1; then
    echo "roles.sh: the role ofd gets another password"
    echo "ALTER ROLE ofd WITH PASSWORD = '$ofd_password';" | run cassandra "$superuser_password"
fi
# ScyllaDB says its version in this table; Cassandra has no such table.
echo "GRANT SELECT ON system.versions TO ofd;" | run cassandra "$superuser_password" 2>/dev/null ||
    echo "roles.sh: there is no table system.versions, so this is no ScyllaDB"
echo "roles.sh: the role ofd can log in"
