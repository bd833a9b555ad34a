// Certificates and revocation lists (RFC 5280), as far as packets use them, and signatures by WebCrypto.

import { Damaged, digest, fromHex, latin, same, toHex } from "./bytes.js";
import { TAG, bits, integer, oid, partsOf, readDer, small, string, tagged, time, truth } from "./der.js";

const CURVES = { "1.2.840.10045.3.1.7": ["P-256", 32], "1.3.132.0.34": ["P-384", 48], "1.3.132.0.35": ["P-521", 66] };
const EC_KEY = "1.2.840.10045.2.1", RSA_KEY = "1.2.840.113549.1.1.1";
const SIGNATURES = {
  "1.2.840.10045.4.3.2": ["EC", "SHA-256"], "1.2.840.10045.4.3.3": ["EC", "SHA-384"], "1.2.840.10045.4.3.4": ["EC", "SHA-512"],
  "1.2.840.113549.1.1.11": ["RSA", "SHA-256"], "1.2.840.113549.1.1.12": ["RSA", "SHA-384"],
  "1.2.840.113549.1.1.13": ["RSA", "SHA-512"],
};
export const SMALLEST_RSA = 2048;

const NAME = { commonName: "2.5.4.3", organization: "2.5.4.10", unit: "2.5.4.11" };
const EXTENSION = { keyUsage: "2.5.29.15", constraints: "2.5.29.19", purposes: "2.5.29.37", reason: "2.5.29.21" };
// What a path may hold as critical here. Of those, constraints on names and policies are not worked out, and so refused.
const UNDERSTOOD = new Set([
  "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.31", "2.5.29.35", "2.5.29.37", "2.5.29.46",
  "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.3",
]);
const NOT_WORKED_OUT = ["2.5.29.30", "2.5.29.33", "2.5.29.36", "2.5.29.54"];

/** A certificate with every part read. Damaged where one cannot be. */
export async function readCertificate(raw) {
  const [body, algorithm, value] = partsOf(readDer(raw));
  const parts = partsOf(body);
  if (parts[0]?.tag !== 0xa0 || small(parts[0].parts()[0]) !== 2) throw new Damaged("carries a certificate of an old kind");
  const [, serial, inner, issuer, validity, subject, key, ...rest] = parts;
  if (!same(inner.raw, algorithm.raw)) throw new Damaged("carries a certificate that contradicts itself");
  const [notBefore, notAfter] = partsOf(validity).map(time);
  if (notBefore > notAfter) throw new Damaged("carries a certificate that was never valid");
  const certificate = {
    raw, signed: body.raw, algorithm: oid(partsOf(algorithm)[0]), value: bits(value), serial: integer(serial), notBefore,
    notAfter, issuerRaw: issuer.raw, issuer: readName(issuer), subject: readName(subject), key: readKey(key),
    digest: await digest(raw), ...readExtensions(rest),
  };
  if (!certificate.subject.length) throw new Damaged("carries a certificate without a name");
  return certificate;
}

/** Names as kind and text, in order: two are the same where these are, in whatever kind of string they are written. */
function readName(element) {
  return partsOf(element).flatMap((set) => partsOf(set, TAG.set).map((pair) => {
    const [kind, value] = partsOf(pair);
    return [oid(kind), string(value)];
  }));
}

export function sameName(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function named(certificate, kind) {
  return certificate.subject.filter(([id]) => id === kind).map(([, value]) => value);
}

export const commonName = (certificate) => named(certificate, NAME.commonName)[0] ?? "";
export const organization = (certificate) => named(certificate, NAME.organization)[0] ?? "";
/** The roles the issuer put into a certificate, one organisational unit each. */
export const roles = (certificate) => named(certificate, NAME.unit);

export const HUB_ROLE = "hub";
export const ISSUER_ROLE = "issuer";

/** Throws Damaged with these words where the certificate behind a signature is none for that role. */
export function refuseWithout(role, signed, words) {
  if (!roles(signed.certificate).includes(role)) throw new Damaged(words);
}

function readKey(element) {
  const [algorithm, value] = partsOf(element);
  const [kind, parameter] = partsOf(algorithm);
  if (oid(kind) === EC_KEY) {
    const [curve, size] = CURVES[oid(parameter)] ?? [];
    return { kind: "EC", curve, size, spki: element.raw };
  }
  if (oid(kind) === RSA_KEY) {
    const [modulus] = partsOf(readDer(bits(value)));
    const digits = toHex(integer(modulus)).replace(/^0+/, "");
    return { kind: "RSA", bits: digits.length * 4 - Math.clz32(parseInt(digits[0], 16)) + 28, spki: element.raw };
  }
  return { kind: "other", spki: element.raw };
}

function readExtensions(rest) {
  const found = { keyUsage: null, purposes: null, purposesCritical: false, authority: false, pathLength: null, refused: [] };
  const holder = rest.find((element) => element.tag === 0xa3);
  const seen = new Set();
  for (const extension of holder ? partsOf(holder.parts()[0]) : []) {
    const parts = partsOf(extension);
    const id = oid(parts[0]), critical = parts.length === 3 && truth(parts[1]);
    if (seen.has(id)) throw new Damaged("carries a certificate that contradicts itself");
    seen.add(id);
    const value = tagged(parts[parts.length - 1], TAG.octets).content;
    if ((critical && !UNDERSTOOD.has(id)) || NOT_WORKED_OUT.includes(id)) found.refused.push(id);
    if (id === EXTENSION.purposes) found.purposesCritical = critical;
    readExtension(id, value, found);
  }
  return found;
}

function readExtension(id, value, found) {
  if (id === EXTENSION.keyUsage) found.keyUsage = bits(readDer(value), false)[0] ?? 0;
  if (id === EXTENSION.purposes) found.purposes = partsOf(readDer(value)).map(oid);
  if (id === EXTENSION.constraints) {
    const [authority, length] = partsOf(readDer(value));
    found.authority = authority?.tag === TAG.boolean && truth(authority);
    found.pathLength = length ? small(length) : null;
  }
}

/** A revocation list: who issued it, when, and which serial numbers it names. */
export async function readRevocationList(raw) {
  const [body, algorithm, value] = partsOf(readDer(raw));
  const parts = partsOf(body);
  const at = parts[0].tag === TAG.integer ? 1 : 0;
  const [inner, issuer, updated] = parts.slice(at);
  if (!same(inner.raw, algorithm.raw)) throw new Damaged("contradicts itself");
  const later = parts.slice(at + 3);
  const dated = later[0]?.tag === TAG.utcTime || later[0]?.tag === TAG.time;
  const until = time(dated ? later.shift() : updated);
  const entries = new Map();
  for (const entry of later[0]?.tag === TAG.sequence ? later[0].parts() : []) {
    const [serial, when, more] = partsOf(entry);
    entries.set(toHex(integer(serial)), { at: time(when), reason: more ? reasonIn(more) : "unspecified" });
  }
  return {
    signed: body.raw, algorithm: oid(partsOf(algorithm)[0]), value: bits(value), issuer: readName(issuer),
    updated: time(updated), until, entries,
  };
}

const REASONS = [
  "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
  "certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
];

function reasonIn(extensions) {
  for (const extension of partsOf(extensions)) {
    const parts = partsOf(extension);
    if (oid(parts[0]) !== EXTENSION.reason) continue;
    return REASONS[tagged(readDer(parts[parts.length - 1].content), TAG.enumerated).content[0]] || "unspecified";
  }
  return "unspecified";
}

/** Whether the key made this signature over the bytes, by the named algorithm. */
export async function signedBy(key, algorithm, value, bytes) {
  const [kind, hash] = SIGNATURES[algorithm] ?? [];
  if (kind !== key.kind || !kind) return false;
  return kind === "EC" ? ecdsaHolds(key, hash, value, bytes) : rsaHolds(key, hash, value, bytes);
}

/** ECDSA, whose two numbers DER holds as integers and WebCrypto wants side by side. False for any other form. */
export async function ecdsaHolds(key, hash, value, bytes) {
  const raw = sideBySide(value, key.size);
  if (!raw || !key.curve) return false;
  const algorithm = { name: "ECDSA", namedCurve: key.curve, hash };
  try {
    const imported = await crypto.subtle.importKey("spki", key.spki, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, imported, raw, bytes);
  } catch {
    return false;
  }
}

export async function rsaHolds(key, hash, value, bytes) {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash };
  try {
    const imported = await crypto.subtle.importKey("spki", key.spki, algorithm, false, ["verify"]);
    return key.bits >= SMALLEST_RSA && (await crypto.subtle.verify(algorithm, imported, value, bytes));
  } catch {
    return false;
  }
}

function sideBySide(value, size) {
  try {
    const numbers = partsOf(readDer(value)).map(integer);
    if (numbers.length !== 2 || numbers.some((number) => number[0] & 0x80)) return null;
    const digits = numbers.map((number) => toHex(number).replace(/^00/, "").padStart(2 * size, "0"));
    return digits.every((one) => one.length === 2 * size) ? fromHex(digits.join("")) : null;
  } catch {
    return null;
  }
}

/** Pieces of a PEM file by their label, `[label, bytes]`; null where it holds anything but these and remarks. */
export function pemPieces(bytes, labels) {
  const pattern = new RegExp(`-----BEGIN (${labels.join("|")})-----\\s[A-Za-z0-9+/=\\s]+-----END \\1-----\\s`, "g");
  const file = `${latin(bytes)}\n`, pieces = [...file.matchAll(pattern)];
  if (file.replace(pattern, "").split(/\r?\n/).some((line) => !/^[ \t]*(#.*)?$/.test(line))) return null;
  return pieces.map(([whole, label]) => {
    const body = whole.split("-----")[2].replace(/\s/g, "");
    return [label, Uint8Array.from(atob(body), (character) => character.charCodeAt(0))];
  });
}
