// All facts about a packet, decision or case file, from its bytes and a trust list that came another way.

import { LARGEST_CONTENT, readArchive } from "./archive.js";
import { badgeFact } from "./badge.js";
import { Damaged, sha256, toHex } from "./bytes.js";
import { awardFact, containedBags, containedFact } from "./case.js";
import { contentsFact, filesFact, readStated, structureFact } from "./contents.js";
import { AWARD_SIGNATURE, BADGE, CASE_FILE, TAG_MANIFEST, fact, layoutOf } from "./layout.js";
import { formatFact, newerFormats, notLookedAt } from "./newer.js";
import { notChecked, recordFact } from "./record.js";
import {
  NOT_VOUCHED_FOR, chainFact, existedAt, programmeOf, readConfirmations, readSignatures, revocationFact, signatureFact,
  signerFact, timeFact,
} from "./signers.js";
import { assignmentFact, attestationsFact, blindnessFact, replacedFact, subjectOf, supersedesFact } from "./stated.js";

const NOT_ALL_CHECKED = "Not everything was checked: its format is newer than this program.";
// Which bad fact a headline speaks of first: what was altered says more than where the archive shows it.
const HEADLINE_ORDER = [
  "contents", "files", "signature", "structure", "chain", "signer", "revocation", "time", "contained", "award", "badge",
  "record", "assignment",
];

/** A verdict is several facts, never one yes or no. */
export class Verdict {
  /** `root` is the SHA-256 of the root that it was judged by, empty where none vouches for the signer. */
  constructor(name, facts, subject = null, digest = "", archive = null, contained = [], root = "") {
    Object.assign(this, { name, facts, subject, digest, archive, contained, root });
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

  /** Whether the format is one that this page does not know yet. */
  get newer() {
    return this.facts.some(({ id }) => id === "format");
  }

  /** Whether nothing is bad, and somebody on the trust list signed it, a decision at the issuer's word: exit code 0. */
  get holds() {
    const asked = this.subject?.kind !== "decision" || this.fact("assignment").standing === "good";
    return !this.bad.length && this.fact("chain").standing === "good" && asked && !this.newer;
  }

  /** The verdict in a sentence or two, the worst first. */
  get headline() {
    return this.newer && !this.bad.length ? `${this.#ofKnownFormat} ${NOT_ALL_CHECKED}` : this.#ofKnownFormat;
  }

  get #ofKnownFormat() {
    const [worst] = this.bad, kind = this.subject?.kind ?? "packet";
    if (worst) return `Do not rely on this ${kind}. ${worst.sentence.replace(/\.?$/, ".")}`;
    if (this.fact("chain").standing !== "good") {
      if (this.fact("chain").sentence === NOT_VOUCHED_FOR) return `Unaltered since it was signed. ${NOT_VOUCHED_FOR}.`;
      return "Unaltered since it was signed. Not checked: who signed it, for want of a trust list.";
    }
    const { role, person, award } = this.subject;
    if (this.fact("signer").standing !== "good") return ["Unaltered since it was signed.", ...this.#openQuestions()].join(" ");
    const signer = award ? "the issuer" : `${role} ${person}`;
    return [`Unaltered since ${signer} signed it.`, ...this.#openQuestions()].join(" ");
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
    return unreadable(name, trouble);
  }
  return judge(name, archive, trust, now);
}

async function judge(name, archive, trustList, now) {
  const stated = readStated(archive), layout = layoutOf(archive.top), { files } = archive;
  const digest = await sha256(files.get(TAG_MANIFEST) ?? new Uint8Array());
  const formats = newerFormats(archive, stated), newer = formats.length > 0;
  const aboutFiles = [structureFact(archive), await contentsFact(archive, newer), filesFact(archive, newer)];
  const signatures = await readSignatures(files), trust = await programmeOf(signatures, trustList);
  await readConfirmations(signatures, files, digest, trust);
  const holding = signatures.length > 0 && !signatures.some((one) => one.trouble);
  const chain = holding ? await chainFact(signatures, trust) : null;
  const trusted = chain?.standing === "good", root = trusted ? toHex(trust.roots[0].digest) : "";
  const facts = [...aboutFiles, signatureFact(signatures, trusted)];
  if (newer) facts.splice(1, 0, formatFact(archive, formats));
  if (chain) {
    facts.push(signerFact(signatures, stated, trusted, layout, newer), chain, await revocationFact(signatures, trust, now));
    facts.push(timeFact(signatures, stated, now, layout, newer));
    const { certificate } = signatures[0].signed;
    if (layout.record) facts.push(await recordOf(archive, layout, certificate, aboutFiles, chain, newer));
  }
  const subject = subjectOf(files, stated);
  if (layout === CASE_FILE) {
    const sealed = facts.every(({ standing }) => standing !== "bad");
    const inner = sealed ? await containedVerdicts(archive, trust, now) : [];
    const unsaid = newer && !files.has(AWARD_SIGNATURE);
    if (chain) facts.push(unsaid ? notLookedAt("award") : await awardFact(files, trust, existedAt(signatures[0], now)));
    if (files.has(BADGE)) facts.push(newer ? notLookedAt("badge") : await badgeFact(files, stated.decision, sealed && trusted));
    facts.push(await containedFact(archive, inner, trust, newer));
    return new Verdict(name, facts, subject, digest, archive, inner, root);
  }
  if (chain) facts.push(await assignmentFact(files, stated, trust, existedAt(signatures[0], now), layout.stated, newer));
  const aboutWork = [supersedesFact(stated), blindnessFact(stated), attestationsFact(stated)];
  facts.push(...aboutWork.map((one) => (newer ? notLookedAt(one.id) : one)));
  return new Verdict(name, facts, subject, digest, archive, [], root);
}

/** A PDF that nobody known signed for is not opened: inflating it could take all of this computer's memory. */
async function recordOf(archive, layout, certificate, aboutFiles, chain, newer) {
  if (aboutFiles.some(({ standing }) => standing === "bad")) {
    return notChecked(`the ${layout.title}'s signature does not cover what is here`);
  }
  if (chain.standing === "bad") return notChecked(`nobody on the trust list signed the ${layout.title}`);
  if (chain.standing !== "good") return notChecked(`without a trust list nobody known signed the ${layout.title}`);
  if (newer && !(archive.files.has(layout.record) && archive.files.has(layout.stated))) return notLookedAt("record");
  const found = await recordFact(archive.files, layout, certificate);
  return newer && found.standing === "bad" ? notLookedAt("record") : found;
}

/**
 * Verdicts on what a case file holds. All of it together may unpack to no more than a packet alone, and a case file lies in
 * no other.
 */
async function containedVerdicts(archive, trust, now) {
  const verdicts = [];
  let room = LARGEST_CONTENT;
  for (const [name, content] of containedBags(archive)) {
    try {
      const inside = await readArchive(content, room);
      if (layoutOf(inside.top) === CASE_FILE) throw new Damaged("A case file lies in no other");
      room -= [...inside.files.values()].reduce((sum, file) => sum + file.length, 0);
      verdicts.push(await judge(name, inside, trust, now));
    } catch (trouble) {
      if (!(trouble instanceof Damaged)) throw trouble;
      verdicts.push(unreadable(name, trouble));
    }
  }
  return verdicts;
}

function unreadable(name, trouble) {
  return new Verdict(name, [fact("structure", "bad", trouble.message, "", "ZIP")]);
}

/** The verdicts with what only several packets together can say: which one replaces which, each person's own alone. */
export function withReplacements(verdicts) {
  const sound = verdicts.filter((one) => one.subject && !one.bad.length && !one.newer);
  // The same number in another programme is another person.
  const later = new Map(sound.map((one) => [`${one.subject.supersedes} ${one.root} ${one.subject.person}`, one]));
  return verdicts.map((one) => {
    const by = one.digest && one.subject ? later.get(`${one.digest} ${one.root} ${one.subject.person}`) : undefined;
    if (!by) return one;
    const facts = one.facts.map((each) => (each.id === "supersedes" ? replacedFact(each, by.digest, by.name) : each));
    return new Verdict(one.name, facts, one.subject, one.digest, one.archive, one.contained, one.root);
  });
}
