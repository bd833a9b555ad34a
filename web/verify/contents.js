// Whether a packet is a bag as it should be, holds what was listed, and nothing else.

import { sha256, text, utf8, words } from "./bytes.js";
import { isCanonical, mapping, parsed } from "./documents.js";
import {
  ADDED_NAME, ANNOTATIONS, ASSIGNMENT, ASSIGNMENT_SIGNATURE, AWARD, BAG_INFO, BAGIT, BAGIT_TEXT, DECISION, EVIDENCE,
  FEEDBACK, FROM_THE_ISSUER, MANIFEST, POLICY, REVIEW, RUBRIC, SIGNATURE_NAME, SIGNATURES, TAG_MANIFEST, TOP_NAME, fact,
  layoutOf,
} from "./layout.js";

const NAMED = { [FEEDBACK]: "feedback", [RUBRIC]: "rubric", [POLICY]: "policy", [EVIDENCE]: "evidence" };
const JSON_FILES = [FEEDBACK, REVIEW, DECISION, AWARD, RUBRIC, POLICY, ASSIGNMENT, ANNOTATIONS];

/** What the bag says of itself; empty where it cannot be read. */
export function readStated(archive) {
  return mapping(parsed(archive.files.get(layoutOf(archive.top).stated)));
}

function told(id, troubles, good, detail, basis) {
  if (!troubles.length) return fact(id, "good", good, detail, basis);
  return fact(id, "bad", troubles[0], troubles.slice(1, 6).join("; "), basis);
}

/** One folder, a BagIt 1.0 bag in it, an archive that can be read in one way only. */
export function structureFact(archive) {
  const troubles = [...archive.troubles];
  if (!TOP_NAME.test(archive.top)) troubles.push(`The folder “${archive.top}” is not named as a packet's is`);
  const declared = archive.files.get(BAGIT);
  if (declared && words(declared) !== BAGIT_TEXT) troubles.push(`${BAGIT} does not declare BagIt 1.0 in UTF-8`);
  return told("structure", troubles, "A BagIt 1.0 bag in one folder, no surprising names", `${archive.files.size} files`, "RFC 8493");
}

/** Every listed file is what was listed, and the documents name one another by the right digests. */
export async function contentsFact(archive) {
  const digests = new Map();
  for (const [name, content] of archive.files) digests.set(name, await sha256(content));
  let troubles = [...differing(archive.files, digests)];
  if (!troubles.length) troubles = [...miscounted(archive.files), ...inconsistent(archive, digests)];
  return told("contents", troubles, "Every listed file is what was signed", "", "SHA-256");
}

/** All required files are there, and none that is not listed or not known. */
export function filesFact(archive) {
  const troubles = [...missing(archive), ...extra(archive)];
  return told("files", troubles, "No file is missing, none was added", `${archive.files.size} files`, "RFC 8493");
}

/** File name → SHA-256, null where a line is not as it should be or a name comes twice. */
function readManifest(content) {
  if (!content) return new Map();
  let lines;
  try {
    lines = text(content).split("\n");
  } catch {
    return null;
  }
  if (lines.pop() !== "") return null;
  const listed = new Map();
  for (const line of lines) {
    const found = /^([0-9a-f]{64}) {2}([^\s/][^\n]*)$/.exec(line);
    if (!found || listed.has(found[2])) return null;
    listed.set(found[2], found[1]);
  }
  return listed;
}

function listed(files, manifest) {
  return readManifest(files.get(manifest)) ?? new Map();
}

function* differing(files, digests) {
  for (const manifest of [TAG_MANIFEST, MANIFEST]) {
    if (!files.has(manifest)) continue;
    const lines = readManifest(files.get(manifest));
    if (!lines) yield `${manifest} is no list of files and digests`;
    for (const [name, digest] of lines ?? []) {
      if (digests.has(name) && digests.get(name) !== digest) yield `${name} differs from what was signed`;
    }
  }
}

function* miscounted(files) {
  const payload = [...files].filter(([name]) => name.startsWith("data/"));
  const lines = listed(files, MANIFEST);
  // Where they differ, `files` names what is missing or was added.
  if (payload.length !== lines.size || !payload.every(([name]) => lines.has(name))) return;
  const expected = `Payload-Oxum: ${payload.reduce((sum, [, content]) => sum + content.length, 0)}.${payload.length}\n`;
  if (!words(files.get(BAG_INFO) ?? new Uint8Array()).includes(expected)) {
    yield `${BAG_INFO} counts other files than there are`;
  }
}

function* inconsistent(archive, digests) {
  const { files, top } = archive, layout = layoutOf(top), stated = readStated(archive);
  for (const name of JSON_FILES) {
    if (files.has(name) && !isCanonical(files.get(name))) yield `${name} is not canonical JSON`;
  }
  if (!Object.keys(stated).length) {
    yield `${layout.stated} cannot be read`;
    return;
  }
  const named = mapping(stated.digests);
  for (const [name, key] of Object.entries(NAMED)) {
    if (files.has(name) && named[key] !== digests.get(name)) yield `${name} is another than ${layout.stated} names`;
  }
  yield* wronglyShown(files, named);
  if (top !== `${layout.kind}-${stated.id}`) {
    yield `The folder ${top} is not named after the ${layout.about} in ${layout.stated}`;
  }
  if (layout.stated === DECISION) yield* undecided(stated, parsed(files.get(FEEDBACK)) ?? null);
}

function* wronglyShown(files, named) {
  if ("evidence" in named && !files.has(EVIDENCE)) yield `${EVIDENCE} is missing`;
  if (files.has(EVIDENCE) && mapping(parsed(files.get(POLICY))).evidence_booklet !== true) {
    yield `${EVIDENCE} is there although ${POLICY} keeps the evidence on the desk`;
  }
}

function* undecided(decision, feedback) {
  const passedBack = decision.kind === "passed_back";
  if (passedBack !== (feedback === null)) {
    yield feedback === null ? `${FEEDBACK} is missing` : `${FEEDBACK} is in a decision that passes back`;
  } else if (feedback !== null && !Array.isArray(feedback) && typeof feedback === "object" && feedback.outcome !== decision.outcome) {
    yield `${FEEDBACK} says another outcome than ${DECISION}`;
  }
}

function* missing({ files, top }) {
  const names = [...layoutOf(top).required, ...listed(files, TAG_MANIFEST).keys(), ...listed(files, MANIFEST).keys()];
  for (const name of new Set(names)) if (!files.has(name)) yield `${name} is missing`;
  const given = FROM_THE_ISSUER.filter((name) => files.has(name));
  if (given.length === 1) yield `${files.has(ASSIGNMENT) ? ASSIGNMENT_SIGNATURE : ASSIGNMENT} is missing`;
  if (![...files.keys()].some((name) => SIGNATURE_NAME.test(name))) yield `${SIGNATURES} holds no signature`;
}

function* extra({ files, top, outside }) {
  const layout = layoutOf(top), payload = listed(files, MANIFEST), tags = listed(files, TAG_MANIFEST);
  for (const name of outside) yield `${name} lies outside the packet's folder`;
  for (const name of files.keys()) {
    if (name.startsWith(SIGNATURES)) {
      if (!isSignatureFile(name, files)) yield `${name} is no signature of this packet`;
    } else if (!payload.has(name) && !tags.has(name) && name !== TAG_MANIFEST) {
      yield `${name} was added: no signed list names it`;
    }
  }
  for (const name of payload.keys()) if (!layout.mayHold(name)) yield `${name} in ${MANIFEST} is no file of a ${layout.title}`;
  const known = new Set([BAGIT, MANIFEST, ...layout.tags]);
  for (const name of tags.keys()) if (!known.has(name)) yield `${name} in ${TAG_MANIFEST} is no file of a ${layout.title}`;
}

function isSignatureFile(name, files) {
  const added = ADDED_NAME.exec(name);
  return added ? files.has(`${added.groups.signature}.p7s`) : SIGNATURE_NAME.test(name);
}
