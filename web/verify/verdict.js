// All facts about a packet, decision or case file, from its bytes and a trust list that came another way.

import { readArchive } from "./archive.js";
import { Damaged, sha256 } from "./bytes.js";
import { awardFact, containedBags, containedFact } from "./case.js";
import { contentsFact, filesFact, readStated, structureFact } from "./contents.js";
import { CASE_FILE, TAG_MANIFEST, fact, layoutOf } from "./layout.js";
import { notChecked, recordFact } from "./record.js";
import { NOT_VOUCHED_FOR, chainFact, readSignatures, revocationFact, signatureFact, signerFact, timeFact } from "./signers.js";
import { assignmentFact, attestationsFact, blindnessFact, replacedFact, subjectOf, supersedesFact } from "./stated.js";

// Which bad fact a headline speaks of first: what was altered says more than where the archive shows it.
const HEADLINE_ORDER = [
  "contents", "files", "signature", "structure", "chain", "signer", "revocation", "time", "contained", "award", "record",
  "assignment",
];

/** A verdict is several facts, never one yes or no. */
export class Verdict {
  constructor(name, facts, subject = null, digest = "", archive = null, contained = []) {
    Object.assign(this, { name, facts, subject, digest, archive, contained });
  }

  /** One of the facts; *unknown* where the packet was too damaged to get that far. */
  fact(id) {
    return this.facts.find((one) => one.id === id) ?? fact(id, "unknown", "Not checked: the packet could not be read that far");
  }

  /** The bad facts, the one that says most first. */
  get bad() {
    const found = this.facts.filter(({ standing }) => standing === "bad");
    return found.sort((one, other) => HEADLINE_ORDER.indexOf(one.id) - HEADLINE_ORDER.indexOf(other.id));
  }

  /** Whether nothing is bad, and somebody on the trust list signed it, a decision at the issuer's word: exit code 0. */
  get holds() {
    const asked = this.subject?.kind !== "decision" || this.fact("assignment").standing === "good";
    return !this.bad.length && this.fact("chain").standing === "good" && asked;
  }

  /** The verdict in a sentence or two, the worst first. */
  get headline() {
    if (this.bad.length) return `Do not rely on this ${this.subject?.kind ?? "packet"}. ${this.bad[0].sentence.replace(/\.?$/, ".")}`;
    if (this.fact("chain").standing !== "good") {
      if (this.fact("chain").sentence === NOT_VOUCHED_FOR) return `Unaltered since it was signed. ${NOT_VOUCHED_FOR}.`;
      return "Unaltered since it was signed. Not checked: who signed it, for want of a trust list.";
    }
    const { role, person } = this.subject;
    return [`Unaltered since ${role} ${person} signed it.`, ...this.#openQuestions()].join(" ");
  }

  #openQuestions() {
    const questions = [];
    if (this.fact("revocation").standing !== "good") questions.push("Not known: whether the certificate was revoked.");
    if (this.fact("time").standing !== "good") questions.push("When is the signer's own claim.");
    if (this.fact("assignment").standing === "absent") questions.push("Not attested: that the issuer asked for it.");
    return questions;
  }
}

/** The verdict on the bytes of a ZIP. `now` is in milliseconds. */
export async function verify(bytes, name, trust, now) {
  let archive;
  try {
    archive = await readArchive(bytes);
  } catch (trouble) {
    if (!(trouble instanceof Damaged)) throw trouble;
    return new Verdict(name, [fact("structure", "bad", trouble.message, "", "ZIP")]);
  }
  return judge(name, archive, trust, now);
}

async function judge(name, archive, trust, now) {
  const stated = readStated(archive), layout = layoutOf(archive.top), { files } = archive;
  const digest = await sha256(files.get(TAG_MANIFEST) ?? new Uint8Array());
  const aboutFiles = [structureFact(archive), await contentsFact(archive), filesFact(archive)];
  const signatures = await readSignatures(files, digest, trust);
  const holding = signatures.length > 0 && !signatures.some((one) => one.trouble);
  const chain = holding ? await chainFact(signatures, trust) : null;
  const trusted = chain?.standing === "good";
  const facts = [...aboutFiles, signatureFact(signatures, trusted)];
  if (chain) {
    facts.push(signerFact(signatures, stated, trusted, layout), chain, await revocationFact(signatures, trust));
    facts.push(timeFact(signatures, stated, now, layout));
    if (layout.record) facts.push(await recordOf(archive, layout, signatures[0].signed.certificate, aboutFiles, chain));
  }
  const subject = subjectOf(files, stated);
  if (layout === CASE_FILE) {
    const inner = await containedVerdicts(archive, facts, trust, now);
    if (chain) facts.push(await awardFact(files, trust, signatures[0].at));
    facts.push(await containedFact(archive, inner, trust));
    return new Verdict(name, facts, subject, digest, archive, inner);
  }
  if (chain) facts.push(await assignmentFact(files, stated, trust, signatures[0].at, layout.stated));
  facts.push(supersedesFact(stated), blindnessFact(stated), attestationsFact(stated));
  return new Verdict(name, facts, subject, digest, archive);
}

/** A PDF that nobody known signed for is not opened: inflating it could take all of this computer's memory. */
async function recordOf(archive, layout, certificate, aboutFiles, chain) {
  if (aboutFiles.some(({ standing }) => standing === "bad")) {
    return notChecked(`the ${layout.title}'s signature does not cover what is here`);
  }
  if (chain.standing === "bad") return notChecked(`nobody on the trust list signed the ${layout.title}`);
  return recordFact(archive.files, layout, certificate);
}

/** Verdicts on what a case file holds; none where the case file itself must not be relied on. */
async function containedVerdicts(archive, facts, trust, now) {
  if (facts.some(({ standing }) => standing === "bad")) return [];
  const inner = [];
  for (const [name, content] of containedBags(archive)) inner.push(await verify(content, name, trust, now));
  return inner;
}

/** The verdicts with what only several packets together can say: which one replaces which, each person's own alone. */
export function withReplacements(verdicts) {
  const sound = verdicts.filter((one) => one.subject && !one.bad.length);
  const later = new Map(sound.map((one) => [`${one.subject.supersedes} ${one.subject.person}`, one]));
  return verdicts.map((one) => {
    const by = one.digest && one.subject ? later.get(`${one.digest} ${one.subject.person}`) : undefined;
    if (!by) return one;
    const facts = one.facts.map((each) => (each.id === "supersedes" ? replacedFact(each, by.digest, by.name) : each));
    return new Verdict(one.name, facts, one.subject, one.digest, one.archive, one.contained);
  });
}

