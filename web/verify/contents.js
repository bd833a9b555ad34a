// Whether a packet is a bag as it should be, holds what was listed, and nothing else.

import { sha256, text, words } from "./bytes.js";
import { alike, isCanonical, mapping, movedFrom, parsed } from "./documents.js";
import {
  ANNOTATIONS, ASSIGNMENT, ASSIGNMENT_SIGNATURE, AWARD, BADGE, BAG_INFO, BAGIT, BAGIT_TEXT, DECISION, EVIDENCE,
  FEEDBACK, FROM_THE_ISSUER, MANIFEST, POLICY, REVIEW, RUBRIC, RUBRIC_SIGNATURE, SIGNATURE_NAME, SIGNATURES, TAG_MANIFEST, TOP_NAME,
  fact, isSignatureFile, layoutOf,
} from "./layout.js";
import { ALWAYS } from "./newer.js";

const NAMED = { [FEEDBACK]: "feedback", [RUBRIC]: "rubric", [POLICY]: "policy", [EVIDENCE]: "evidence" };
const JSON_FILES = [FEEDBACK, REVIEW, DECISION, AWARD, BADGE, RUBRIC, POLICY, ASSIGNMENT, ANNOTATIONS];

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
  const good = "A BagIt 1.0 bag in one folder, no surprising names";
  return told("structure", troubles, good, `${archive.files.size} files`, "RFC 8493");
}

/**
 * Every listed file is what was listed, and the documents name one another by the right digests. Of a `newer` format the
 * documents are not looked into.
 */
export async function contentsFact(archive, newer) {
  const digests = new Map();
  for (const [name, content] of archive.files) digests.set(name, await sha256(content));
  let troubles = [...differing(archive.files, digests)];
  if (!troubles.length) troubles = [...miscounted(archive.files), ...(newer ? [] : inconsistent(archive, digests))];
  return told("contents", troubles, "Every listed file is what was signed", "", "SHA-256");
}

/** All required files are there, and none that is not listed or, but in a `newer` format, not known. */
export function filesFact(archive, newer) {
  const troubles = [...missing(archive, newer ? ALWAYS : layoutOf(archive.top).required), ...extra(archive)];
  if (!newer) troubles.push(...halves(archive.files), ...unknown(archive));
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
  yield* otherRules(files, stated, layout);
  yield* wronglyShown(files, named);
  yield* wronglyMoved(files, stated, layout);
  if (top !== `${layout.kind}-${stated.id}`) {
    yield `The folder ${top} is not named after the ${layout.about} in ${layout.stated}`;
  }
  if (layout.stated === DECISION) yield* undecided(stated, parsed(files.get(FEEDBACK)) ?? null);
}

/** Rubric and policy must be called what the document calls them: that is what the issuer assigned. */
function* otherRules(files, stated, layout) {
  for (const [name, key] of [[RUBRIC, "rubric"], [POLICY, "policy"]]) {
    const rules = parsed(files.get(name)), readable = mapping(rules) === rules;
    const called = readable ? { id: rules.id ?? null, version: rules.version ?? null } : null;
    if (files.has(name) && !alike(called, stated[key] ?? null)) yield `${name} is not the ${key} that ${layout.stated} is by`;
  }
}

function* wronglyShown(files, named) {
  if ("evidence" in named && !files.has(EVIDENCE)) yield `${EVIDENCE} is missing`;
  if (files.has(EVIDENCE) && mapping(parsed(files.get(POLICY))).evidence_booklet !== true) {
    yield `${EVIDENCE} is there although ${POLICY} keeps the evidence on the desk`;
  }
}

/** A rubric that was moved to is another version than before; only with one goes its issuer's signature. */
function* wronglyMoved(files, stated, layout) {
  const before = movedFrom(stated);
  if ("rubric_moved" in stated && !before) {
    yield `${layout.stated} says that its rubric was moved, and not from which version`;
  }
  if (before && mapping(stated.rubric).version === before) {
    yield `${layout.stated} says that its rubric was moved to the version that it had`;
  }
  if (files.has(RUBRIC_SIGNATURE) && !before) yield `${RUBRIC_SIGNATURE} is there although the rubric was not moved`;
}

function* undecided(decision, feedback) {
  const passedBack = decision.kind === "passed_back";
  if (passedBack !== (feedback === null)) {
    yield feedback === null ? `${FEEDBACK} is missing` : `${FEEDBACK} is in a decision that passes back`;
  } else if (feedback !== null && mapping(feedback) === feedback && feedback.outcome !== decision.outcome) {
    yield `${FEEDBACK} says another outcome than ${DECISION}`;
  }
}

function* missing({ files }, required) {
  const names = [...required, ...listed(files, TAG_MANIFEST).keys(), ...listed(files, MANIFEST).keys()];
  for (const name of new Set(names)) if (!files.has(name)) yield `${name} is missing`;
  if (![...files.keys()].some((name) => SIGNATURE_NAME.test(name))) yield `${SIGNATURES} holds no signature`;
}

function* halves(files) {
  const given = FROM_THE_ISSUER.filter((name) => files.has(name));
  if (given.length === 1) yield `${files.has(ASSIGNMENT) ? ASSIGNMENT_SIGNATURE : ASSIGNMENT} is missing`;
}

function* extra({ files, outside }) {
  const payload = listed(files, MANIFEST), tags = listed(files, TAG_MANIFEST);
  for (const name of outside) yield `${name} lies outside the packet's folder`;
  for (const name of files.keys()) {
    const signedFor = payload.has(name) || tags.has(name) || name === TAG_MANIFEST;
    if (!signedFor && !name.startsWith(SIGNATURES)) yield `${name} was added: no signed list names it`;
  }
}

/** Files of no name that this format has, signed for or not. */
function* unknown({ files, top }) {
  const layout = layoutOf(top), payload = listed(files, MANIFEST), tags = listed(files, TAG_MANIFEST);
  for (const name of files.keys()) {
    if (name.startsWith(SIGNATURES) && !isSignatureFile(name, files)) yield `${name} is no signature of this packet`;
  }
  for (const name of payload.keys()) if (!layout.mayHold(name)) yield `${name} in ${MANIFEST} is no file of a ${layout.title}`;
  const known = new Set([BAGIT, MANIFEST, ...layout.tags]);
  for (const name of tags.keys()) if (!known.has(name)) yield `${name} in ${TAG_MANIFEST} is no file of a ${layout.title}`;
}
