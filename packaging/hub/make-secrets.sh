#!/bin/sh
# Writes the secrets of a new hub into ./secrets, once. Keep a copy of hub.key apart from all back-ups: without it the
# database and the files say nothing, to you either.
set -eu
umask 077
cd "$(dirname "$0")"
if [ -e secrets/hub.key ]; then
    echo "There are secrets in $PWD/secrets already; nothing was changed" >&2
    exit 1
fi
mkdir -p secrets
openssl rand -hex 32 > secrets/hub.key
openssl rand -hex 24 > secrets/database-password
openssl rand -hex 24 > secrets/store-secret
# The store is the hub's alone, and makes the bucket with the first file: that takes an administrator of it.
cat > secrets/store-identities.json <<END
{"identities": [{"name": "hub", "credentials": [{"accessKey": "hub", "secretKey": "$(cat secrets/store-secret)"}],
                 "actions": ["Admin"]}]}
END
# Readable inside the containers, whose users are others; the folder stays closed to everybody else here.
chmod 644 secrets/*
echo "Written to $PWD/secrets. Put key and certificate for both names, one after the other, into secrets/tls.pem"
