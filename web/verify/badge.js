// The badge in a case file: an Open Badges 3.0 credential with a Data Integrity proof (W3C, eddsa-rdfc-2022).
//
// What is signed is the credential's RDF in canonical form. Its shape is fixed by the schema that the issuer's program
// writes by, so what each word of it means in RDF stands here as a table, as its two contexts say.

import { BADGE_RULES } from "./badge_rules.js";
import { Damaged, digest, joined, sha256, utf8 } from "./bytes.js";
import { parsed } from "./documents.js";
import { BADGE, fact } from "./layout.js";

/** The browser or this page cannot judge it. */
class Unjudged extends Error {}

const OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#", SCHEMA = "https://schema.org/";
const VC = "https://www.w3.org/2018/credentials#", STATUS = "https://www.w3.org/ns/credentials/status#";
const SECURITY = "https://w3id.org/security#";
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const LINK = "link"; // a value that is the name of something, not text
// The context of Open Badges writes two of these with https, and so do signatures.
const TIME = "http://www.w3.org/2001/XMLSchema#dateTime";
const ADDRESS = "https://www.w3.org/2001/XMLSchema#anyURI", FLAG = "https://www.w3.org/2001/XMLSchema#boolean";
const NAMED = { name: [`${SCHEMA}name`], description: [`${SCHEMA}description`] };

/** What each kind of thing in a badge may say: the predicate, and what its value is where it is neither text nor a thing. */
const SHAPES = {
  OpenBadgeCredential: {
    ...NAMED, ...all(VC, "issuer", "credentialSubject", "evidence", "credentialStatus"),
    ...all(VC, ["validFrom", TIME], ["validUntil", TIME]),
  },
  Profile: { ...NAMED, ...all(SCHEMA, ["url", ADDRESS]) },
  AchievementSubject: all(OB, "achievement", "identifier", "result"),
  Achievement: {
    ...NAMED, ...all(OB, "achievementType", "alignment", "humanCode", "image", "resultDescription", "version"),
    criteria: [`${OB}Criteria`],
  },
  Image: all(SCHEMA, "caption"),
  Criteria: all(OB, "narrative"),
  IdentityObject: all(OB, ["hashed", FLAG], "identityHash", "identityType", "salt"),
  Alignment: {
    ...all(OB, "targetCode", "targetType"),
    ...all(SCHEMA, "targetDescription", "targetFramework", "targetName", ["targetUrl", ADDRESS]),
  },
  ResultDescription: { ...NAMED, ...all(OB, "resultType", ["requiredLevel", ADDRESS], "rubricCriterionLevel") },
  RubricCriterionLevel: { ...NAMED, ...all(OB, "level") },
  Result: { ...all(OB, ["resultDescription", ADDRESS], ["achievedLevel", ADDRESS], "status"), ...all(SCHEMA, "value") },
  Evidence: NAMED,
  BitstringStatusListEntry: all(STATUS, ["statusListCredential", LINK], "statusListIndex", "statusPurpose"),
  DataIntegrityProof: {
    created: ["http://purl.org/dc/terms/created", TIME],
    ...all(SECURITY, ["cryptosuite", `${SECURITY}cryptosuiteString`], ["proofPurpose", LINK], ["verificationMethod", LINK]),
  },
};
const CLASSES = {
  VerifiableCredential: VC, BitstringStatusListEntry: STATUS, DataIntegrityProof: SECURITY,
  Alignment: SCHEMA, // where it is called AlignmentObject
};

function all(vocabulary, ...words) {
  return Object.fromEntries(words.map((word) => [word].flat()).map(([name, ...kind]) => [name, [vocabulary + name, ...kind]]));
}

/** Whether the badge beside an award record is whole and for the same decision; looked into where it is `vouched` for. */
export async function badgeFact(files, decision, vouched) {
  const told = (standing, said, detail = "") => fact("badge", standing, said, detail, "eddsa-rdfc-2022");
  if (!vouched) return told("unknown", "Not checked: nobody known sealed it here");
  try {
    await checkContained(files.get(BADGE), decision);
  } catch (trouble) {
    if (trouble instanceof Unjudged) return told("unknown", `Not checked: ${trouble.message}`);
    if (trouble instanceof Damaged) return told("bad", `${BADGE} does not hold: ${trouble.message}`);
    throw trouble;
  }
  const status = `For that, check ${BADGE} by itself with the issuer's status list beside it.`;
  return told("good", "The issuer's badge for this decision, unaltered. Not looked at: whether it was revoked since", status);
}

async function checkContained(content, decision) {
  const badge = parsed(content);
  const days = ["validFrom", "validUntil"].filter((name) => badge && name in badge);
  if (!fulfils(BADGE_RULES, badge) || !days.every((name) => isDay(badge[name]))) {
    throw new Unjudged("it has parts that this version does not know, which may need a newer one");
  }
  await checkProof(badge);
  if (!badge.evidence.some(({ id }) => id === `urn:sha256:${decision}`)) throw new Damaged("it is for another decision");
}

async function checkProof(badge) {
  const { proof: [{ proofValue, ...options }], ...unsigned } = badge;
  const key = badge.issuer.id.replace(/^did:key:/, "");
  if (options.verificationMethod !== `${badge.issuer.id}#${key}`) {
    throw new Damaged("its proof was made with another key than its issuer's");
  }
  const purpose = { ...options, proofPurpose: SECURITY + options.proofPurpose };
  const signed = await Promise.all([purpose, unsigned].map(async (each) => digest(utf8(await canonicalRdf(each)))));
  if (!(await holds(key, fromMultibase(proofValue), joined(...signed)))) {
    throw new Damaged("it was altered after it was signed");
  }
}

/** Whether a Multikey with the prefix of Ed25519 made a signature. */
async function holds(multikey, signature, content) {
  const raw = fromMultibase(multikey);
  if (raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 0x01) throw new Unjudged("its key is of a kind that is not known here");
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw.slice(2), "Ed25519", false, ["verify"]);
  } catch {
    throw new Unjudged("this browser does not know Ed25519, which a newer one does");
  }
  return crypto.subtle.verify("Ed25519", key, signature, content);
}

/** Base 58 with its prefix “z”, which the schema has asked for. */
function fromMultibase(text) {
  const digits = [...text.slice(1)].map((one) => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".indexOf(one));
  const zeros = digits.findIndex((one) => one > 0), bytes = [];
  for (let left = digits.reduce((sum, one) => sum * 58n + BigInt(one), 0n); left; left >>= 8n) bytes.unshift(Number(left & 255n));
  return Uint8Array.from([...Array(Math.max(zeros, 0)).fill(0), ...bytes]);
}

// RDF

/** A thing and all in it as canonical N-Quads (RDFC-1.0). Nameless things in a badge differ, so each first digest is its own. */
async function canonicalRdf(thing) {
  const found = new Map(), nameless = [];
  nameOf(thing, "", found, nameless);
  const lines = [...found.values()];
  const digests = await Promise.all(nameless.map(async (name) => [await firstDigest(name, lines), name]));
  const called = new Map(digests.sort().map(([, name], place) => [name, `_:c14n${place}`]));
  return inOrder(lines.map((line) => renamed(line, (name) => called.get(name)))).join("");
}

async function firstDigest(name, lines) {
  const about = lines.filter(([subject, , object]) => subject === name || object === name);
  return sha256(utf8(inOrder(about.map((line) => renamed(line, (one) => (one === name ? "_:a" : "_:z")))).join("")));
}

/** Put all that is said of a thing on `lines`, [subject, predicate, object]; what it is called there. */
function nameOf(thing, kind, lines, nameless) {
  const kinds = [thing.type ?? []].flat(), shape = SHAPES[kinds.at(-1) ?? kind];
  const name = thing.id ? `<${thing.id}>` : `_:b${nameless.length}`;
  if (!thing.id) nameless.push(name);
  const say = (predicate, object) => lines.set(`${name} ${predicate} ${object}`, [name, `<${predicate}>`, object]);
  for (const one of kinds) say(TYPE, `<${CLASSES[one] ?? OB}${one === "Alignment" ? "AlignmentObject" : one}>`);
  for (const word of Object.keys(thing).filter((one) => !["id", "type", "@context"].includes(one))) {
    const [predicate, valueKind] = shape[word];
    for (const value of [thing[word]].flat()) {
      const inner = typeof value === "object" ? nameOf(value, capitalised(word), lines, nameless) : term(value, valueKind);
      say(predicate, inner);
    }
  }
  return name;
}

function term(value, kind) {
  if (kind === LINK) return `<${value}>`;
  const escapes = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"' };
  const quoted = `"${String(value).replace(/[\\\t\n\r"]/g, (one) => escapes[one])}"`;
  return kind ? `${quoted}^^<${kind}>` : quoted;
}

function renamed([subject, predicate, object], rename) {
  const called = (one) => (one.startsWith("_:") ? rename(one) : one);
  return `${called(subject)} ${predicate} ${called(object)} .\n`;
}

/** By code point: JavaScript itself orders text by halves of some characters. */
function inOrder(lines) {
  const order = ([mine], [theirs]) => {
    const place = mine.findIndex((byte, at) => byte !== theirs[at]);
    return place < 0 ? mine.length - theirs.length : mine[place] - (theirs[place] ?? -1);
  };
  return lines.map((line) => [utf8(line), line]).sort(order).map(([, line]) => line);
}

function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1);
}

// The schema

/** Whether a value is as a JSON Schema asks, with the words of it that the badge's has. */
function fulfils(rule, value) {
  const alike = (other) => JSON.stringify(other) === JSON.stringify(value);
  if ("const" in rule && !alike(rule.const)) return false;
  if ("enum" in rule && !rule.enum.some(alike)) return false;
  if ("type" in rule && rule.type !== (Array.isArray(value) ? "array" : value === null ? "null" : typeof value)) return false;
  if (rule.if && fulfils(rule.if, value) && !fulfils(rule.then, value)) return false;
  if (typeof value === "string") return fulfilsText(rule, value);
  if (Array.isArray(value)) return fulfilsList(rule, value);
  return typeof value !== "object" || value === null || fulfilsObject(rule, value);
}

function fulfilsText({ minLength = 0, maxLength = Infinity, pattern = "" }, value) {
  const length = [...value].length;
  return length >= minLength && length <= maxLength && new RegExp(pattern, "u").test(value);
}

function fulfilsList({ minItems = 0, maxItems = Infinity, uniqueItems, items = {} }, value) {
  const distinct = !uniqueItems || new Set(value.map((one) => JSON.stringify(one))).size === value.length;
  return distinct && value.length >= minItems && value.length <= maxItems && value.every((one) => fulfils(items, one));
}

function fulfilsObject({ required = [], properties = {}, additionalProperties = true }, value) {
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  const known = (name) => Object.hasOwn(properties, name);
  return Object.keys(value).every((name) => (known(name) ? fulfils(properties[name], value[name]) : additionalProperties));
}

function isDay(words) {
  const at = new Date(words);
  return !Number.isNaN(at.getTime()) && at.toISOString().replace(".000", "") === words && !words.startsWith("0000");
}
