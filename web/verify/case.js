// What a case file says besides any bag: the award record, and whether the decision and packets in it are those named.

import { readArchive } from "./archive.js";
import { Damaged, Untrusted } from "./bytes.js";
import { readStated } from "./contents.js";
import { alike, list, mapping, string_ } from "./documents.js";
import { AWARD, AWARD_SIGNATURE, CASE_FILE, DECISION_BAG, fact, layoutOf } from "./layout.js";
import { NOT_LOOKED_AT } from "./newer.js";
import { refuseUntrusted, short, signedByIssuer } from "./stated.js";

const NONE = new Uint8Array();

/** Name and bytes of each decision and packet in a case file, decisions first. */
export function containedBags(archive) {
  const names = [...archive.files.keys()].filter((name) => CASE_FILE.contained.test(name)).sort();
  return names.map((name) => [name.split("/").pop(), archive.files.get(name)]);
}

/** Whether the issuer signed the award record by itself, so that it can be shown without the case file. */
export async function awardFact(files, trust, existed) {
  const basis = "issuer's CMS";
  try {
    const signed = await signedByIssuer(files.get(AWARD_SIGNATURE) ?? NONE, files.get(AWARD) ?? NONE, "award");
    if (!trust) return fact("award", "unknown", "Not checked: no trust list was given", "", basis);
    await refuseUntrusted(signed, trust, existed);
  } catch (trouble) {
    if (!(trouble instanceof Damaged || trouble instanceof Untrusted)) throw trouble;
    return fact("award", "bad", `${AWARD_SIGNATURE} ${trouble.message}`, "", basis);
  }
  return fact("award", "good", "The issuer signed the award record, which says whom it is about", "", basis);
}

/** Whether decision and packets are those that the award record names, fit each other, and hold by themselves. */
export async function containedFact(archive, inner, trust, newerItself) {
  const told = (standing, said, detail = "") => fact("contained", standing, said, detail, "each one's own facts");
  if (!inner.length) return told("unknown", "Not checked: the case file could not be read that far");
  const newer = newerItself || inner.some((one) => one.newer);
  const troubles = [...(newer ? [] : await unfit(readStated(archive), archive, inner)), ...unasked(inner), ...bad(inner)];
  if (troubles.length) return told("bad", troubles[0], troubles.slice(1, 6).join("; "));
  const listed = inner.map((one) => `${called(one)}: ${one.headline.replace(/\.$/, "")}`).join("; ");
  if (!trust) return told("unknown", "Not checked: no trust list was given", listed);
  if (newer) return told("unknown", NOT_LOOKED_AT, listed);
  if (inner.some((one) => one.fact("revocation").standing !== "good")) {
    return told("unknown", "Not known of each: whether its certificate was revoked", listed);
  }
  return told("good", `The decision and what it rests on are here, ${inner.length} in all, and hold by themselves`, listed);
}

function called(one) {
  return one.digest ? `${one.subject.kind} ${short(one.digest)}` : one.name;
}

function bad(inner) {
  return inner.filter((one) => one.bad.length).map((one) => `${one.name} must be valid in itself: ${one.bad[0].sentence}`);
}

/** An issuer awards nothing on what it asked nobody to assess or decide. */
function unasked(inner) {
  const without = inner.filter((one) => one.fact("assignment").standing === "absent");
  return without.map((one) => `${one.name} carries no assignment: the issuer asked nobody for it`);
}

async function unfit(award, archive, inner) {
  const stated = new Map(), decisions = new Set(), troubles = [];
  const bags = containedBags(archive);
  for (const [place, [name, content]] of bags.entries()) {
    if (!inner[place].digest) continue; // it could not be read, as the verdict on it says
    const bag = await readArchive(content);
    const layout = layoutOf(bag.top), folder = layout === DECISION_BAG ? "decisions" : "packets";
    if (layout === CASE_FILE || !archive.files.has(`data/${folder}/${name}`)) {
      troubles.push(`${name} does not belong where it lies`);
      continue;
    }
    if (layout === DECISION_BAG) decisions.add(inner[place].digest);
    stated.set(inner[place].digest, readStated(bag));
  }
  const named = new Set([String(award.decision), ...texts(award.replaced)]);
  if (!equal(decisions, named)) troubles.push(`The decisions here are not those that ${AWARD} names`);
  const packets = new Set([...stated.keys()].filter((digest) => !decisions.has(digest)));
  if (!equal(packets, new Set(texts(award.packets)))) troubles.push(`The packets here are not those that ${AWARD} names`);
  if (stated.size !== inner.length) troubles.push("One of the bags here is there twice, or cannot be read");
  return [...troubles, ...unlike(award, stated, packets)];
}

function* unlike(award, stated, packets) {
  for (const [digest, document] of stated) {
    if (mapping(document.submission).id !== mapping(award.submission).id) {
      yield `${AWARD} is about another submission than ${short(digest)}`;
    }
  }
  const decided = mapping(stated.get(String(award.decision)));
  if ((decided.outcome ?? null) !== (award.outcome ?? null)) yield `${AWARD} says another outcome than the decision`;
  if (!alike(decided.rubric ?? null, award.rubric ?? null)) yield `${AWARD} is for another micro-credential than the decision`;
  if (string_(mapping(decided.supersedes).packet) !== (texts(award.replaced)[0] ?? "")) {
    yield `${AWARD} names another earlier decision than the decision does`;
  }
  const restsOn = list(decided.bases).map((one) => String(mapping(one).packet));
  if (!restsOn.every((digest) => packets.has(digest))) yield "A packet that the decision rests on is missing";
}

function equal(one, other) {
  return one.size === other.size && [...one].every((value) => other.has(value));
}

function texts(value) {
  return list(value).filter((one) => typeof one === "string");
}
