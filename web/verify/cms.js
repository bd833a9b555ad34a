// A CMS signature read strictly: every byte of the file is either covered by the signature or could be no other.
//
// The parts that vary (certificate, signed attributes, signature value, content) are taken out, the file is written again
// around them in DER, and must come out the same. What remains is to check the parts: the signature covers the attributes,
// and these name the content's digest and the certificate's.

import { Damaged, digest, fromHex, same } from "./bytes.js";
import { ecdsaHolds, readCertificate } from "./certificate.js";
import { TAG, der, integer, oid, partsOf, readDer, tagged, time } from "./der.js";

const SHA256 = fromHex("300d06096086480165030402010500"), SHA256_BARE = fromHex("300b0609608648016503040201");
const ECDSA_SHA256 = fromHex("300a06082a8648ce3d040302");
const DATA = fromHex("06092a864886f70d010701"), SIGNED_DATA = fromHex("06092a864886f70d010702");
const VERSION_1 = fromHex("020101");

const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4", SIGNING_TIME = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47";
export const CADES = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE];
export const PADES = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE];

/**
 * Check a signature over `content`, or one that carries its content where none is given. Gives `{certificate, content,
 * signingTime}`; who signed is for the trust list to say. Damaged, in words that fit after the file's name.
 */
export async function readSignature(file, content, expected = CADES) {
  const parts = readable(() => takeApart(file, content === undefined));
  if (!same(writtenAgain(parts), file)) throw new Damaged("holds bytes that no signature covers, or is not in canonical form");
  const values = readable(() => attributeValues(parts.attributes, expected));
  const certificate = await readableLater(() => readCertificate(parts.certificate));
  readable(() => checkNamed(values.get(SIGNING_CERTIFICATE), certificate));
  await checkValue(parts, certificate);
  const signed = content ?? parts.content;
  const stated = readable(() => tagged(values.get(MESSAGE_DIGEST), TAG.octets).content);
  if (!same(stated, await digest(signed))) throw new Damaged("was made over other content");
  const signingTime = values.has(SIGNING_TIME) ? readable(() => time(values.get(SIGNING_TIME))) : null;
  return { certificate, content: signed, signingTime };
}

/** Whatever goes wrong while taking a file apart says one thing: it cannot be read. */
export function readable(work, said = "cannot be read as a CMS signature") {
  try {
    return work();
  } catch (trouble) {
    if (trouble instanceof Told) throw new Damaged(trouble.message);
    throw new Damaged(said);
  }
}

export async function readableLater(work, said = "cannot be read as a CMS signature") {
  try {
    return await work();
  } catch (trouble) {
    throw new Damaged(trouble instanceof Told ? trouble.message : said);
  }
}

/** A trouble that is said as it is. */
export class Told extends Error {}

function takeApart(file, carried) {
  const [type, holder] = partsOf(readDer(file));
  if (!same(type.raw, SIGNED_DATA)) throw new Damaged("is no signature");
  const [, , encapsulated, ...rest] = partsOf(partsOf(holder, 0xa0)[0]);
  const certificates = partsOf(rest[0], 0xa0), signers = partsOf(rest[rest.length - 1], TAG.set);
  if (certificates.length !== 1 || signers.length !== 1) throw new Told("must hold one signature and one certificate");
  const [, , , attributes, , value] = partsOf(signers[0]);
  const [, serial, , issuer] = partsOf(partsOf(certificates[0])[0]);
  const [, content] = partsOf(encapsulated);
  return {
    certificate: certificates[0].raw, issuer: issuer.raw, serial: integer(serial),
    attributes: tagged(attributes, 0xa0).content, value: tagged(value, TAG.octets).content,
    content: carried ? tagged(partsOf(content, 0xa0)[0], TAG.octets).content : null,
  };
}

/** The only file in which these parts may stand. */
function writtenAgain(parts) {
  const named = der(TAG.sequence, parts.issuer, der(TAG.integer, parts.serial));
  const signer = der(
    TAG.sequence, VERSION_1, named, SHA256, der(0xa0, parts.attributes), ECDSA_SHA256, der(TAG.octets, parts.value),
  );
  const carried = parts.content === null ? [] : [der(0xa0, der(TAG.octets, parts.content))];
  const signedData = der(
    TAG.sequence, VERSION_1, der(TAG.set, SHA256), der(TAG.sequence, DATA, ...carried), der(0xa0, parts.certificate),
    der(TAG.set, signer),
  );
  return der(TAG.sequence, SIGNED_DATA, der(0xa0, signedData));
}

async function checkValue(parts, certificate) {
  if (certificate.key.curve !== "P-256") throw new Damaged("was made with another kind of key than P-256");
  if (!(await ecdsaHolds(certificate.key, "SHA-256", parts.value, der(TAG.set, parts.attributes)))) {
    throw new Damaged("does not hold: it was altered, or made over something else");
  }
}

/** The signed attributes by their kind: exactly those expected, each with one value. */
function attributeValues(encoded, expected) {
  const values = new Map();
  const attributes = partsOf(readDer(der(TAG.set, encoded)), TAG.set);
  for (const attribute of attributes) {
    const [kind, set] = partsOf(attribute);
    const held = partsOf(set, TAG.set);
    if (held.length === 1) values.set(oid(kind), held[0]);
  }
  const fits = attributes.length === expected.length && values.size === expected.length;
  if (!fits || !expected.every((kind) => values.has(kind))) {
    throw new Told("has other signed attributes than a packet's signature");
  }
  if (!same(values.get(CONTENT_TYPE).raw, DATA)) throw new Told("is over another type of content");
  return values;
}

/** RFC 5035: the signer names the certificate by its digest, SHA-256 unless said otherwise. */
export function checkNamed(attribute, certificate) {
  const named = partsOf(partsOf(attribute)[0]);
  const parts = partsOf(named[0]);
  const algorithm = parts[0].tag === TAG.sequence ? parts.shift() : null;
  const usual = !algorithm || same(algorithm.raw, SHA256) || same(algorithm.raw, SHA256_BARE);
  if (named.length !== 1 || !usual || !same(tagged(parts[0], TAG.octets).content, certificate.digest)) {
    throw new Told("names another certificate than the one it carries");
  }
}
