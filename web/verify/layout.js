// Which files a packet holds, a decision, and a case file; what facts there are and how they may stand.

export const BAGIT = "bagit.txt", BAG_INFO = "bag-info.txt", VERIFY = "VERIFY.txt", CHAIN = "certs/chain.pem";
export const MANIFEST = "manifest-sha256.txt", TAG_MANIFEST = "tagmanifest-sha256.txt";
export const FEEDBACK = "data/feedback.json", REVIEW = "data/review.json", DECISION = "data/decision.json";
export const RUBRIC = "data/rubric.json", POLICY = "data/policy.json", ANNOTATIONS = "data/annotations.jsonld";
export const ASSIGNMENT = "data/assignment.json", ASSIGNMENT_SIGNATURE = "data/assignment.p7s";
export const EVIDENCE = "data/evidence.pdf", RECORD_PDF = "data/record.pdf";
export const AWARD = "data/award.json", AWARD_SIGNATURE = "data/award.p7s", READ_FIRST = "READ-FIRST.pdf";
export const BADGE = "data/badge.json", RUBRIC_SIGNATURE = "data/rubric.p7s";
export const SIGNATURES = "signatures/";
export const BAGIT_TEXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const TAG_FILES = [BAG_INFO, VERIFY, CHAIN];
export const FROM_THE_ISSUER = [ASSIGNMENT, ASSIGNMENT_SIGNATURE];
export const SIGNATURE_NAME = /^signatures\/(?<role>[a-z]+)-(?<number>[1-9][0-9]?)\.p7s$/;
export const ADDED_NAME = /^(?<signature>signatures\/[a-z]+-[1-9][0-9]?)(?:\.p7s\.tst|\.receipt\.p7s)$/;
export const TOP_NAME = /^(?<kind>packet|decision|case)-[0-9A-Za-z][0-9A-Za-z-]{7,63}$/;

function layout(kind, stated, payload, optional, signers, more = {}) {
  const usual = { record: "", tags: TAG_FILES, contained: null, title: kind, formatLabel: "Packet-Format", format: [1, 1] };
  const made = { kind, stated, payload, optional, signers, ...usual, ...more };
  made.required = [BAGIT, ...made.tags, MANIFEST, TAG_MANIFEST, ...payload].filter((name) => !optional.includes(name));
  made.about = stated.replace(/^data\/|\.json$/g, "");
  made.mayHold = (name) => payload.includes(name) || Boolean(made.contained?.test(name));
  return made;
}

const PACKET = layout(
  "packet", REVIEW,
  [FEEDBACK, REVIEW, RUBRIC, RUBRIC_SIGNATURE, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE, ANNOTATIONS,
    "data/artifacts.sha256", EVIDENCE, RECORD_PDF, "data/record.docx"],
  [...FROM_THE_ISSUER, RUBRIC_SIGNATURE, EVIDENCE], ["assessor", "reviewer"], { record: RECORD_PDF },
);
export const DECISION_BAG = layout(
  "decision", DECISION, [FEEDBACK, DECISION, RUBRIC, RUBRIC_SIGNATURE, POLICY, ASSIGNMENT, ASSIGNMENT_SIGNATURE],
  [...FROM_THE_ISSUER, RUBRIC_SIGNATURE, FEEDBACK], ["reviewer"],
);
export const CASE_FILE = layout(
  "case", AWARD, [AWARD, AWARD_SIGNATURE, BADGE], [BADGE], ["issuer"],
  {
    formatLabel: "Case-Format", format: [1, 0], record: READ_FIRST, tags: [READ_FIRST, ...TAG_FILES], title: "case file",
    contained: /^data\/(packets|decisions)\/[0-9A-Za-z][0-9A-Za-z._-]{0,119}\.zip$/,
  },
);
const LAYOUTS = { packet: PACKET, decision: DECISION_BAG, case: CASE_FILE };

/** The layout that a bag's top directory announces; a packet's for any name that announces none. */
export function layoutOf(top) {
  return LAYOUTS[TOP_NAME.exec(top)?.groups.kind] ?? PACKET;
}

/** Whether a file of that name belongs in `signatures/`, beside those found with it. */
export function isSignatureFile(name, files) {
  const added = ADDED_NAME.exec(name);
  return added ? files.has(`${added.groups.signature}.p7s`) : SIGNATURE_NAME.test(name);
}

export const TITLES = {
  structure: "Structure", format: "Format", contents: "Contents", files: "Files", signature: "Signature", signer: "Signer",
  chain: "Trust", revocation: "Revocation", time: "Time", record: "Record", assignment: "Assignment", supersedes: "Corrections",
  blindness: "Blindness", attestations: "Attestations", award: "Award record", badge: "Badge", contained: "Case contents",
};

/** One fact of a verdict: how it stands, a sentence, a second line, and what it rests on. */
export function fact(id, standing, sentence, detail = "", basis = "") {
  return { id, standing, sentence, detail, basis };
}
