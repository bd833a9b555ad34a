// Bags of a format that came after this page: read as far as they can be, never good, never simply bad.
//
// What every format shares stays strict: the archive, the signed lists, each file's digest, signature, trust, revocation.

import { words } from "./bytes.js";
import { BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, fact, isSignatureFile, layoutOf } from "./layout.js";

const DOCUMENT = /^assessor-desk\/(?<about>[a-z]+)\/(?<number>[1-9][0-9]{0,3})$/;
const KNOWN_DOCUMENTS = 1, MOST_NAMED = 8;

/** Of what rests on documents that a newer program wrote. */
export const NOT_LOOKED_AT = "Not looked at: the format is newer than this program";

/** What a bag is in every format. */
export const ALWAYS = [BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST];

/** The formats that the bag names and this page does not know yet; none for any bag of today's. */
export function newerFormats(archive, stated) {
  const layout = layoutOf(archive.top), found = [];
  const labelled = new RegExp(`^${layout.formatLabel}: ([0-9]{1,4})\\.([0-9]{1,4})$`, "gm");
  const [knownMajor, knownMinor] = layout.format;
  for (const [, major, minor] of words(archive.files.get(BAG_INFO) ?? new Uint8Array()).matchAll(labelled)) {
    const later = Number(major) > knownMajor || (Number(major) === knownMajor && Number(minor) > knownMinor);
    if (later) found.push(`${layout.formatLabel} ${major}.${minor}`);
  }
  const document = DOCUMENT.exec(String(stated.format ?? ""));
  if (document?.groups.about === layout.about && Number(document.groups.number) > KNOWN_DOCUMENTS) found.push(document[0]);
  return found;
}

/** That the format is newer, and what was not looked at for it. */
export function formatFact(archive, formats) {
  const layout = layoutOf(archive.top), known = new Set([...ALWAYS, ...layout.tags]);
  const unknown = [...archive.files.keys()].sort()
    .filter((name) => !(known.has(name) || layout.mayHold(name) || isSignatureFile(name, archive.files)));
  const more = unknown.length > MOST_NAMED ? ` and ${unknown.length - MOST_NAMED} more` : "";
  const files = unknown.length ? `; ${unknown.slice(0, MOST_NAMED).join(", ")}${more}` : "";
  const detail = "Checked as ever: the lists, every file's digest, signature, trust, revocation. "
    + `Not looked at: what its documents say${files}. A newer version of the program can.`;
  return fact("format", "unknown", `Of a newer format than this program knows: ${formats.join(", ")}`, detail, BAG_INFO);
}

/** A fact that rests on what a document of a newer format says. */
export function notLookedAt(id) {
  return fact(id, "unknown", NOT_LOOKED_AT, "", "newer format");
}
