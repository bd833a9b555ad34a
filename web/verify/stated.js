// What a bag says of itself: assignment, corrections, blindness, attestations, and what it is about.

import { Damaged, Untrusted } from "./bytes.js";
import { ISSUER_ROLE, refuseWithout } from "./certificate.js";
import { readSignature } from "./cms.js";
import { alike, list, mapping, movedFrom, parsed, string_ } from "./documents.js";
import { ASSIGNMENT, ASSIGNMENT_SIGNATURE, DECISION, RUBRIC, RUBRIC_SIGNATURE, fact } from "./layout.js";
import { notLookedAt } from "./newer.js";

const SAW_NO = {
  name: "name", school: "school", attempt: "attempt number", earlier_scores: "earlier score", co_assessor: "other review",
  coach: "coach's work",
};
const ANOTHER_PACKET = "another packet";
const LATER_UNKNOWN = "Not known: whether a later packet replaces this one.";

// Older assignments do not name the digests of rubric and policy; hubs compare them all the same.
const BY_NAME = "By name and version: it does not say how they are worded. A hub takes only what it published";

/** What the bag says it is about. */
export function subjectOf(files, stated) {
  const submission = mapping(stated.submission), rubric = mapping(parsed(files.get(RUBRIC))), holder = mapping(stated.holder);
  const decided = "bases" in stated ? string_(stated.outcome) || string_(stated.kind) : "";
  const award = "holder" in stated ? string_(stated.outcome) : "";
  const subject = {
    id: string_(stated.id), microCredential: string_(rubric.title) || string_(stated.micro_credential),
    submission: string_(submission.key), attempt: Number.isInteger(submission.attempt) ? submission.attempt : null,
    recommendation: string_(stated.recommendation), decision: decided, person: string_(stated.person),
    role: string_(stated.role),
    programme: string_(stated.programme), supersedes: string_(mapping(stated.supersedes).packet), award,
    holder: [string_(holder.name), string_(holder.state_educator_id)].filter(Boolean).join(" · "),
  };
  subject.kind = award ? "case file" : decided ? "decision" : "packet";
  subject.sentence = sentenceOf(subject);
  return subject;
}

function sentenceOf(subject) {
  const spoken = (word) => word.replaceAll("_", " ");
  const attempt = subject.attempt === null ? "" : `, attempt ${subject.attempt}`;
  return [
    subject.microCredential,
    subject.submission && `submission ${subject.submission}${attempt}`,
    subject.recommendation && `recommends ${spoken(subject.recommendation)}`,
    subject.decision && `decides ${spoken(subject.decision)}`,
    subject.award && `${spoken(subject.award)}: ${subject.holder}`,
  ].filter(Boolean).join(" · ");
}

/** Whether the issuer asked this person for it, seeing no more than the document `about` says. */
export async function assignmentFact(files, stated, trust, existed, about, newer) {
  const basis = "issuer's CMS";
  if (!files.has(ASSIGNMENT) || !files.has(ASSIGNMENT_SIGNATURE)) {
    if (newer) return notLookedAt("assignment");
    return fact("assignment", "absent", "The packet carries no assignment by an issuer", "", "not there");
  }
  try {
    const signed = await signedByIssuer(files.get(ASSIGNMENT_SIGNATURE), files.get(ASSIGNMENT), "assign");
    if (!newer) compare(mapping(parsed(files.get(ASSIGNMENT))), stated, about);
    if (!trust) return fact("assignment", "unknown", "Not checked: no trust list was given", "", basis);
    await refuseUntrusted(signed, trust, existed);
  } catch (trouble) {
    if (!(trouble instanceof Damaged || trouble instanceof Untrusted)) throw trouble;
    return fact("assignment", "bad", `${ASSIGNMENT_SIGNATURE} ${trouble.message}`, "", basis);
  }
  if (newer) return notLookedAt("assignment");
  let said = "The issuer assigned this submission to this person, with this rubric and policy";
  const before = movedFrom(stated);
  if (before) {
    try {
      const published = await signedByIssuer(files.get(RUBRIC_SIGNATURE) ?? new Uint8Array(), files.get(RUBRIC), "publish");
      await refuseUntrusted(published, trust, existed);
    } catch (trouble) {
      if (!(trouble instanceof Damaged || trouble instanceof Untrusted)) throw trouble;
      return fact("assignment", "bad", `${RUBRIC_SIGNATURE} ${trouble.message}`, "", basis);
    }
    const after = string_(mapping(stated.rubric).version);
    const done = about === DECISION ? "the decision is" : "the review was moved and is";
    said = "The issuer assigned this submission to this person, with this policy and this rubric in version "
      + `${before}; ${done} by version ${after}, which the issuer published`;
  }
  const detail = "digests" in mapping(parsed(files.get(ASSIGNMENT))) ? "" : BY_NAME;
  return fact("assignment", "good", said, detail, basis);
}

/** The issuer's signature over a document; Damaged for anybody else's. */
export async function signedByIssuer(signature, content, act) {
  const signed = await readSignature(signature, content);
  refuseWithout(ISSUER_ROLE, signed, `is signed by nobody who may ${act}`);
  return signed;
}

/** Refuse a document's certificate that did not count at its signing, or was revoked before it is known to have existed. */
export async function refuseUntrusted(signed, trust, existed) {
  await trust.checkChain(signed.certificate, signed.signingTime);
  const entry = await trust.revoked(signed.certificate);
  if (entry && entry.at <= existed) throw new Damaged("is signed with a revoked certificate");
}

function compare(assignment, stated, about) {
  const submission = mapping(stated.submission), blindness = mapping(stated.blindness);
  const pairs = {
    assignment: [assignment.id, stated.assignment], person: [assignment.person, stated.person],
    role: [assignment.role, stated.role], purpose: [assignment.purpose, stated.purpose],
    submission: [assignment.submission, submission.id], blindness: [assignment.blindness, blindness.hidden_from_signer],
    rubric: [assignment.rubric, stated.rubric], policy: [assignment.policy, stated.policy],
  };
  if ("digests" in assignment) {
    const used = mapping(stated.digests), given = mapping(assignment.digests);
    for (const name of ["rubric", "policy"]) pairs[`${name}'s wording`] = [given[name], used[name]];
  }
  const before = movedFrom(stated);
  if (before) {
    // Its wording is the issuer's own, by a signature over it.
    delete pairs["rubric's wording"];
    pairs.rubric = [assignment.rubric, { ...mapping(stated.rubric), version: before }];
  }
  for (const [name, [assigned, reviewed]] of Object.entries(pairs)) {
    if (!alike(assigned ?? null, reviewed ?? null)) throw new Damaged(`assigns another ${name} than ${about} says`);
  }
  if ((assignment.purpose === "decide") !== (about === DECISION)) throw new Damaged(`asks for something else than ${about}`);
}

/** Which packet this one corrects. Whether a later one corrects this, no packet can know. */
export function supersedesFact(stated) {
  const replaced = string_(mapping(stated.supersedes).packet);
  if (!replaced) return fact("supersedes", "absent", "Corrects no earlier packet", LATER_UNKNOWN, "stated");
  const said = `Stated by the signer: replaces packet ${short(replaced)}`;
  return fact("supersedes", "stated", said, `${replaced}. ${LATER_UNKNOWN}`, "stated");
}

/** The fact of a packet that another one given with it, and itself sound, says to replace. */
export function replacedFact(before, later, name) {
  const earlier = before.basis === ANOTHER_PACKET ? before.detail : before.sentence;
  return fact("supersedes", "stated", `Replaced by packet ${short(later)} (${name})`, earlier, ANOTHER_PACKET);
}

export function short(digest) {
  return `${digest.slice(0, 4)}…${digest.slice(-4)}`;
}

/** What the signer says was hidden. */
export function blindnessFact(stated) {
  const hidden = mapping(mapping(stated.blindness).hidden_from_signer);
  const things = Object.entries(SAW_NO).filter(([name]) => hidden[name] === true).map(([, said]) => said);
  const saw = things.length ? `saw no ${things.join(", no ")}` : "nothing was hidden";
  return fact("blindness", "stated", `Stated by the signer: ${saw}`, "", "stated");
}

/** What the signer attests, word for word. */
export function attestationsFact(stated) {
  const sentences = list(stated.attestations).map((one) => string_(mapping(one).sentence));
  if (!sentences.length) return fact("attestations", "absent", "The signer attests nothing", "", "stated");
  return fact("attestations", "stated", `Stated by the signer: ${sentences[0]}`, sentences.slice(1).join(" "), "stated");
}
