#!/bin/sh
# Makes the files beside it with OpenSSL: a CA, a person, questions about the person, and answers to them.
# The keys are thrown away. Test data: nobody may trust any of it.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -days 3650 -sha256 \
    -subj "/CN=ASKED TEST CA/C=KZ" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
echo "keyUsage = critical,digitalSignature" >"$work/extensions.txt"
# A number whose first bit is set: in a question it needs a zero before it.
openssl req -newkey rsa:2048 -nodes -keyout "$work/person.key" -subj "/CN=ASKED PERSON/C=KZ" 2>/dev/null |
    openssl x509 -req -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial 0xF1E2D3C4B5A69788 -days 3600 -sha256 \
        -extfile "$work/extensions.txt" -out "$work/person.pem" 2>/dev/null
printf 'V\t400101000000Z\t\tF1E2D3C4B5A69788\tunknown\t/CN=ASKED PERSON/C=KZ\n' >"$work/good.txt"
printf 'R\t400101000000Z\t260101000000Z,keyCompromise\tF1E2D3C4B5A69788\tunknown\t/CN=ASKED PERSON/C=KZ\n' >"$work/revoked.txt"
: >"$work/empty.txt"

ask() {
    openssl ocsp -sha256 -issuer "$work/ca.pem" -cert "$work/person.pem" "$@"
}
answer() {
    openssl ocsp -index "$work/$1.txt" -CA "$work/ca.pem" -rsigner "$work/ca.pem" -rkey "$work/ca.key" \
        -reqin "$2" -respout "$3" -ndays 3650 >/dev/null 2>&1
}
ask -nonce -reqout question.ocsp
ask -nonce -reqout "$work/other.ocsp"
ask -no_nonce -reqout "$work/without.ocsp"
answer good question.ocsp good.ocsp
answer revoked question.ocsp revoked.ocsp
answer empty question.ocsp unknown.ocsp
answer good "$work/other.ocsp" other-nonce.ocsp
answer good "$work/without.ocsp" no-nonce.ocsp
openssl x509 -in "$work/ca.pem" -outform DER -out ca.cer
openssl x509 -in "$work/person.pem" -outform DER -out person.cer
