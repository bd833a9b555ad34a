// Time-stamp tokens (RFC 3161) over a packet's signature, read as strictly as signatures are: written again around the
// parts that the signature covers, a token must come out the same.

import { Damaged, Untrusted, digest, fromHex, same } from "./bytes.js";
import { SMALLEST_RSA, commonName, ecdsaHolds, organization, readCertificate, rsaHolds } from "./certificate.js";
import { readable, readableLater } from "./cms.js";
import { TAG, der, oid, partsOf, readDer, tagged, time } from "./der.js";
import { TIME_STAMPING } from "./trust.js";

const SIGNED_DATA = fromHex("06092a864886f70d010702"), TST_INFO = fromHex("060b2a864886f70d0109100104");
const VERSION_3 = fromHex("020103"), VERSION_1 = fromHex("020101");
const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const NAMED_BY_SHA1 = "1.2.840.113549.1.9.16.2.12", NAMED = "1.2.840.113549.1.9.16.2.47";
const HASHES = {
  "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512",
};
const RSA = "1.2.840.113549.1.1.1";
const WITH_HASH = {
  "1.2.840.10045.4.3.2": "SHA-256", "1.2.840.10045.4.3.3": "SHA-384", "1.2.840.10045.4.3.4": "SHA-512",
  "1.2.840.113549.1.1.11": "SHA-256", "1.2.840.113549.1.1.12": "SHA-384", "1.2.840.113549.1.1.13": "SHA-512",
};
const UNREADABLE = "cannot be read as a time-stamp";
const UNCOVERED = "holds bytes that no signature covers, or is not in canonical form";

/** What a token over `signature` confirms, `{kind, at, by}`; `trouble` says why it does not. */
export async function timeStamp(name, file, signature, trust) {
  try {
    const parts = readable(() => takeApart(file), UNREADABLE);
    const certificate = await readableLater(() => readCertificate(parts.certificates[0].raw), UNREADABLE);
    const others = parts.certificates.slice(1).every((one) => !trust || trust.knows(one.raw));
    if (!others || !same(writtenAgain(parts, certificate), file)) throw new Damaged(UNCOVERED);
    await checkImprint(parts.info, signature);
    if (!trust) return { kind: "stamp", at: null, by: "", trouble: "" };
    const at = readable(() => time(parts.info[4]), UNREADABLE);
    let entry = null;
    if (!trust.stamps(certificate, at)) {
      await trust.checkChain(certificate, at, TIME_STAMPING);
      entry = await trust.revoked(certificate);
      if (entry && (!entry.authority || at >= entry.at)) {
        throw new Untrusted("was given by an authority whose certificate was revoked");
      }
    }
    await checkSignature(parts, certificate);
    // Whoever has the key of its authority can make as many.
    if (entry?.takesReceipts) return { kind: "stamp", at: null, by: "", trouble: "" };
    return { kind: "stamp", at, by: commonName(certificate) || organization(certificate), trouble: "" };
  } catch (trouble) {
    if (!(trouble instanceof Damaged || trouble instanceof Untrusted)) throw trouble;
    return { kind: "stamp", at: null, by: "", trouble: `${name} ${trouble.message}` };
  }
}

function takeApart(file) {
  const [, holder] = partsOf(readDer(file));
  const [, , encapsulated, certificates, signers] = partsOf(partsOf(holder, 0xa0)[0]);
  const [signer] = partsOf(signers, TAG.set);
  const [, , hash, attributes, algorithm, value] = partsOf(signer);
  const content = tagged(partsOf(partsOf(encapsulated)[1], 0xa0)[0], TAG.octets).content;
  const found = {
    content, info: partsOf(readDer(content)), certificates: partsOf(certificates, 0xa0),
    attributes: tagged(attributes, 0xa0).content, hash, algorithm, value: tagged(value, TAG.octets).content,
  };
  for (const element of [hash, algorithm]) plainAlgorithm(element);
  return found;
}

/** An algorithm with no parameter, or with the empty one. */
function plainAlgorithm(element) {
  const [, parameter, more] = partsOf(element);
  if (more || (parameter && (parameter.tag !== TAG.nothing || parameter.content.length))) throw new Damaged(UNREADABLE);
}

function writtenAgain(parts, certificate) {
  const named = der(TAG.sequence, certificate.issuerRaw, der(TAG.integer, certificate.serial));
  const signer = der(
    TAG.sequence, VERSION_1, named, parts.hash.raw, der(0xa0, parts.attributes), parts.algorithm.raw,
    der(TAG.octets, parts.value),
  );
  const signedData = der(
    TAG.sequence, VERSION_3, der(TAG.set, parts.hash.raw),
    der(TAG.sequence, TST_INFO, der(0xa0, der(TAG.octets, parts.content))),
    der(0xa0, ...parts.certificates.map((one) => one.raw)), der(TAG.set, signer),
  );
  return der(TAG.sequence, SIGNED_DATA, der(0xa0, signedData));
}

async function checkImprint(info, signature) {
  const [hash, stated] = readable(() => {
    const [algorithm, value] = partsOf(info[2]);
    return [HASHES[oid(partsOf(algorithm)[0])], tagged(value, TAG.octets).content];
  }, UNREADABLE);
  if (!hash || !same(stated, await digest(signature, hash))) throw new Damaged("is over another signature");
}

async function checkSignature(parts, certificate) {
  const hash = HASHES[readable(() => oid(partsOf(parts.hash)[0]), UNREADABLE)];
  const algorithm = readable(() => oid(partsOf(parts.algorithm)[0]), UNREADABLE);
  const agreed = hash && (algorithm === RSA || WITH_HASH[algorithm] === hash);
  if (!agreed || !(await attributesFit(parts, certificate, hash))) throw new Damaged("does not hold");
  const signed = der(TAG.set, parts.attributes), { key } = certificate;
  const holds = key.kind === "RSA" ? rsaHolds : ecdsaHolds;
  const wanted = algorithm.startsWith("1.2.840.113549") ? "RSA" : "EC";
  const fits = key.kind === wanted && (key.kind === "EC" || key.bits >= SMALLEST_RSA);
  if (!fits || !(await holds(key, hash, parts.value, signed))) throw new Damaged("does not hold: it was altered");
}

/** The signed attributes must name the content's kind and digest and, one way or the other, the certificate. */
async function attributesFit(parts, certificate, hash) {
  const values = readable(() => new Map(partsOf(readDer(der(TAG.set, parts.attributes)), TAG.set).map((attribute) => {
    const [kind, set] = partsOf(attribute);
    const held = partsOf(set, TAG.set);
    return [oid(kind), held.length === 1 ? held[0] : null];
  })), UNREADABLE);
  const type = values.get(CONTENT_TYPE), stated = values.get(MESSAGE_DIGEST);
  if (!type || !stated || !same(type.raw, TST_INFO) || !same(stated.content, await digest(parts.content, hash))) return false;
  return namesCertificate(values, certificate);
}

async function namesCertificate(values, certificate) {
  if (!values.has(NAMED) && !values.has(NAMED_BY_SHA1)) return false;
  for (const [kind, usual] of [[NAMED, "SHA-256"], [NAMED_BY_SHA1, "SHA-1"]]) {
    if (!values.has(kind)) continue;
    const [first] = readable(() => partsOf(partsOf(values.get(kind))[0]), UNREADABLE);
    const inside = readable(() => partsOf(first), UNREADABLE);
    const hash = inside[0]?.tag === TAG.sequence ? HASHES[oid(partsOf(inside.shift())[0])] : usual;
    if (!hash || !inside[0] || !same(inside[0].content, await digest(certificate.raw, hash))) return false;
  }
  return true;
}

