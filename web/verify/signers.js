// Who signed, whether that counts, whether the certificate was revoked, and when it was.

import { Damaged, Untrusted, toHex } from "./bytes.js";
import { HUB_ROLE, commonName, organization, refuseWithout, roles, sameName } from "./certificate.js";
import { readSignature } from "./cms.js";
import { mapping, parsed, string_ } from "./documents.js";
import { SIGNATURE_NAME, TAG_MANIFEST, fact } from "./layout.js";
import { NOT_LOOKED_AT } from "./newer.js";
import { timeStamp } from "./stamp.js";

/** How far clocks of two computers may be apart. */
const TOLERANCE = 10 * 60 * 1000;
/** Of a signer whose certificate is of their own making, for want of an issuer. */
export const NOT_VOUCHED_FOR = "Not vouched for by any issuer";
const BASIS = { receipt: "receipt", stamp: "RFC 3161" };
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)$/;

/** Every signature in signatures/, the first assessor's first. */
export async function readSignatures(files) {
  const names = [...files.keys()].filter((name) => SIGNATURE_NAME.test(name)).sort();
  const read = [];
  for (const name of names) read.push(await readOne(name, files));
  return read;
}

async function readOne(name, files) {
  const one = { name, role: SIGNATURE_NAME.exec(name).groups.role, signed: null, trouble: "", confirmations: [], confirmed: null };
  try {
    one.signed = await readSignature(files.get(name), files.get(TAG_MANIFEST) ?? new Uint8Array());
  } catch (trouble) {
    if (!(trouble instanceof Damaged)) throw trouble;
    return { ...one, trouble: `${name} ${trouble.message}` };
  }
  return { ...one, at: one.signed.signingTime };
}

/** The one programme on the trust list that the first signer is of: it alone may say anything about the bag. */
export async function programmeOf(signatures, trust) {
  const first = signatures[0]?.signed;
  return trust && first ? (await trust.programmeOf(first.certificate)) ?? trust : trust;
}

/** Adds to each signature what was added to it later. */
export async function readConfirmations(signatures, files, digest, trust) {
  for (const one of signatures.filter(({ signed }) => signed)) {
    const { name } = one, receipt = name.replace(/\.p7s$/, ".receipt.p7s"), token = `${name}.tst`;
    if (files.has(receipt)) one.confirmations.push(await readReceipt(receipt, files.get(receipt), one.signed, digest, trust));
    if (files.has(token)) one.confirmations.push(await timeStamp(token, files.get(token), files.get(name), trust));
    const holding = one.confirmations.filter(({ at }) => at !== null).sort((first, second) => first.at - second.at);
    one.confirmed = holding[0] ?? null;
  }
}

/** When the signature is known to have existed: received or stamped by then, or else now. */
export function existedAt(one, now) {
  return one.confirmed ? one.confirmed.at : now;
}

async function readReceipt(name, file, signed, digest, trust) {
  try {
    const receipt = await readSignature(file);
    const content = receiptContent(receipt, digest, commonName(signed.certificate));
    refuseWithout(HUB_ROLE, receipt, "is signed by nobody who may give receipts");
    if (!trust) return { kind: "receipt", at: null, by: "", status: "", trouble: "" };
    const at = content.at;
    if (Math.abs(at - receipt.signingTime) > TOLERANCE) throw new Damaged("says another time than its signature");
    await trust.checkChain(receipt.certificate, at);
    const entry = await trust.revoked(receipt.certificate);
    if (entry && (!entry.authority || at >= entry.at)) throw new Damaged("is signed with a revoked certificate");
    // Whoever has the key of its authority can make as many.
    if (entry?.takesReceipts) return { kind: "receipt", at: null, by: "", status: "", trouble: "" };
    return { kind: "receipt", at, by: organization(receipt.certificate), status: content.status, trouble: "" };
  } catch (trouble) {
    if (!(trouble instanceof Damaged || trouble instanceof Untrusted)) throw trouble;
    return { kind: "receipt", at: null, by: "", status: "", trouble: `${name} ${trouble.message}` };
  }
}

function receiptContent(receipt, digest, person) {
  const content = mapping(parsed(receipt.content)), received = INSTANT.exec(content.received_at ?? "");
  const at = received ? Date.parse(`${received[1]}Z`) : NaN;
  if (Number.isNaN(at) || !("packet" in content)) throw new Damaged("cannot be read as a receipt");
  if (content.packet !== digest) throw new Damaged("is for another packet");
  if (!("person" in content)) throw new Damaged("cannot be read as a receipt");
  if (content.person !== person) throw new Damaged("is for another person's packet");
  if (!("hub" in content) || !("certificate_status" in content)) throw new Damaged("cannot be read as a receipt");
  return { at, status: String(content.certificate_status) };
}

/** Whether the list of contents carries signatures that hold; whose they are is said only where that is known. */
export function signatureFact(signatures, trusted) {
  const basis = "CAdES, P-256";
  if (!signatures.length) return fact("signature", "bad", "The packet is not signed", "", basis);
  const troubles = signatures.map((one) => one.trouble).filter(Boolean);
  if (troubles.length) return fact("signature", "bad", troubles[0], troubles.slice(1).join("; "), basis);
  const names = signatures.map(signer).join(" and ");
  const said = trusted ? `${names} signed the list of contents` : "The signature on the list of contents holds";
  return fact("signature", "good", said, "", basis);
}

/** Whether the first certificate is the stated person's, and each says the role that its signature is given for. */
export function signerFact(signatures, stated, trusted, layout, newer) {
  for (const { role, signed } of signatures) {
    if (roles(signed.certificate).includes(role)) continue;
    const said = `${commonName(signed.certificate)} holds no certificate as ${role}`;
    return fact("signer", "bad", said, about(signed.certificate), "X.509");
  }
  const [primary] = signatures, { certificate } = primary.signed, detail = about(certificate);
  const fits = stated.person === commonName(certificate) && stated.role === primary.role;
  if (newer && !(fits && layout.signers.includes(primary.role))) {
    return fact("signer", "unknown", NOT_LOOKED_AT, `${signer(primary)}: ${detail}`, "X.509");
  }
  if (!fits) {
    const said = `${layout.stated} is ${string_(stated.role)} ${string_(stated.person)}'s, the signature ${signer(primary)}'s`;
    return fact("signer", "bad", said, detail, "X.509");
  }
  if (!layout.signers.includes(primary.role)) {
    return fact("signer", "bad", `No ${primary.role} may sign a ${layout.kind}`, detail, "X.509");
  }
  const says = trusted ? "" : " says the certificate";
  return fact("signer", trusted ? "good" : "unknown", `${signer(primary)}${says}`, detail, "X.509");
}

function about(certificate) {
  const digits = toHex(certificate.digest).toUpperCase();
  const short = `${digits.slice(0, 2)}:${digits.slice(2, 4)}…${digits.slice(-2)}`;
  return `certificate ${short}, valid until ${moment(certificate.notAfter).slice(0, 10)}`;
}

/** Whether each certificate leads to the trust list and was good at the signing. */
export async function chainFact(signatures, trust) {
  if (signatures.some(({ signed }) => sameName(signed.certificate.issuer, signed.certificate.subject))) {
    const detail = "Whoever signed made the certificate themselves";
    return fact("chain", trust ? "bad" : "unknown", NOT_VOUCHED_FOR, detail, "X.509");
  }
  if (!trust) {
    const said = "Chain not checked: no trust list was given";
    return fact("chain", "unknown", said, "The programme publishes it as trust.pem", "X.509");
  }
  for (const one of signatures) {
    try {
      await trust.checkChain(one.signed.certificate, one.at);
    } catch (trouble) {
      if (!(trouble instanceof Untrusted)) throw trouble;
      return fact("chain", "bad", `${one.name}: ${trouble.message}`, "", "RFC 5280");
    }
  }
  const issuer = await trust.issuerOf(signatures[0].signed.certificate);
  const dated = trust.dated === null ? "" : `, trust list of ${moment(trust.dated).slice(0, 10)}`;
  return fact("chain", "good", `Issued by ${issuer ? commonName(issuer) : ""}${dated}`, "", "RFC 5280");
}

/** Good, revoked or unknown; the worst where several signed. */
export async function revocationFact(signatures, trust, now) {
  const order = ["bad", "unknown", "good"], facts = [];
  for (const one of signatures) facts.push(await revocationOf(one, trust, now));
  return facts.sort((one, other) => order.indexOf(one.standing) - order.indexOf(other.standing))[0];
}

/** A list counts where it was current when the signature is known to have existed: received, stamped, or else now. */
async function revocationOf(one, trust, now) {
  if (!trust) return fact("revocation", "unknown", "Not known: no trust list was given", "", "CRL");
  const entry = await trust.revoked(one.signed.certificate);
  if (entry) return revokedFact(one, entry);
  const known = await trust.known(one.signed.certificate), existed = existedAt(one, now);
  const listed = known !== null && known.updated >= one.at;
  if (listed && known.until >= existed) {
    return fact("revocation", "good", `Not revoked, by the list of ${moment(known.updated)}`, "", "CRL");
  }
  const received = one.confirmations.find((own) => own.at !== null && own.status === "good");
  if (received) {
    const said = `Not revoked when ${received.by} received the packet on ${moment(received.at)}`;
    return fact("revocation", "good", said, "", "receipt");
  }
  const said = listed
    ? `Not known: the revocation list of ${moment(known.updated)} was out of date on ${moment(existed)}`
    : "Not known: the trust list holds no revocation list newer than the signature";
  return fact("revocation", "unknown", said, "Import a newer trust list to settle this.", "CRL");
}

/** A revoked certificate, or authority, counts only for what was confirmed to exist before. */
function revokedFact(one, { at, reason, authority, takesReceipts }) {
  const why = reason === "unspecified" ? "" : ` (${reason})`, which = `${authority}, which issued the certificate,`;
  if (one.confirmed && one.confirmed.at < at) {
    const begun = authority ? `${which} was revoked` : "Revoked";
    return fact("revocation", "good", `${begun} on ${moment(at)}${why}, after this was ${confirmedWords(one.confirmed)}`, "", "CRL");
  }
  const whose = authority ? which : `The certificate of ${signer(one)}`;
  let later = at > one.at ? "The claimed signing time is earlier, but nothing confirms it." : "";
  if (later && takesReceipts && one.confirmations.some(({ kind }) => kind === "receipt")) {
    later = "Its receipt proves nothing: whoever has the authority's key can make one. A time-stamp would.";
  }
  return fact("revocation", "bad", `${whose} was revoked on ${moment(at)}${why}`, later, "CRL");
}

/** Claimed, receipted or stamped: the first signature's. What was added to any other must hold all the same. */
export function timeFact(signatures, stated, now, layout, newer) {
  for (const { kind, trouble } of signatures.flatMap((one) => one.confirmations)) {
    if (trouble) return fact("time", "bad", trouble, "", BASIS[kind]);
  }
  const [{ at, confirmed }] = signatures;
  if (!newer && stated.sealed_at !== new Date(at).toISOString().replace(".000Z", "Z")) {
    return fact("time", "bad", `${layout.stated} says another time than the signature`);
  }
  if (at > now + TOLERANCE) return fact("time", "bad", `The signature claims a time to come, ${moment(at)}`);
  if (!confirmed) return fact("time", "stated", `${moment(at)}, claimed by the signer`, "Nothing confirms it.", "claimed");
  if (confirmed.at < at - TOLERANCE) {
    return fact("time", "bad", `The packet was ${confirmedWords(confirmed)}, before it was signed`, "", BASIS[confirmed.kind]);
  }
  return fact("time", "good", `${moment(at)}, ${confirmedWords(confirmed)}`, "", BASIS[confirmed.kind]);
}

function confirmedWords({ kind, by, at }) {
  return `${{ receipt: "received", stamp: "stamped" }[kind]} by ${by} on ${moment(at)}`;
}

/** “Assessor A-1184”; the issuer is no person and has no number. */
function signer({ role, signed }) {
  const called = `${role[0].toUpperCase()}${role.slice(1)}`, name = commonName(signed.certificate);
  return name === role ? called : `${called} ${name}`;
}

/** A time in UTC for people. */
export function moment(at) {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
