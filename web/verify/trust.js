// The trust list: whose certificates count, and which were revoked. It comes from the issuer, never from a packet.

import { Damaged, Untrusted, same, toHex } from "./bytes.js";
import { commonName, organization, pemPieces, readCertificate, readRevocationList, sameName, signedBy } from "./certificate.js";

export const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36", TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
// Bits of a key's usage in its first byte: it may sign, and sign so that it cannot be denied; it may sign certificates.
const SIGNS_DOCUMENTS = 0xc0, SIGNS_CERTIFICATES = 0x04;
const USAGES = { [DOCUMENT_SIGNING]: SIGNS_DOCUMENTS, [TIME_STAMPING]: 0 };
const SECOND = 1000, LONGEST_PATH = 6, MOST_CERTIFICATES = 256;
// After these, and where no reason is given, nobody can tell what an authority signed from what a thief of its key did.
const COMPROMISED = new Set(["keyCompromise", "cACompromise", "aACompromise", "unspecified"]);

/** Read a trust list. Damaged, in words that fit after “it”, for what is none. */
export async function readTrustList(bytes) {
  const pieces = pemPieces(bytes, ["CERTIFICATE", "X509 CRL"]);
  if (!pieces) throw new Damaged("holds something besides certificates and revocation lists in PEM form");
  const certificates = [], lists = [];
  for (const [label, der] of pieces) {
    if (label === "CERTIFICATE") certificates.push(await readCertificate(der));
    else lists.push(await readRevocationList(der));
  }
  if (certificates.length > MOST_CERTIFICATES) throw new Damaged(`holds more than ${MOST_CERTIFICATES} certificates`);
  const stamping = certificates.filter(stampsOnly), others = certificates.filter((one) => !stamping.includes(one));
  const roots = others.filter((one) => sameName(one.subject, one.issuer));
  if (!roots.length) throw new Damaged("holds no root certificate");
  const issuing = others.filter((one) => !roots.includes(one)), distinct = once(roots);
  if (distinct.length === 1) return new TrustList(roots, issuing, lists, stamping);
  const named = stampingByRoot(certificates, distinct, stamping), parts = [];
  for (const root of distinct) parts.push(await under(root, issuing, lists, named.get(root)));
  return together(parts);
}

/** One list of what several say. Damaged where an authority of one programme stands in another's. */
export function joined(trustLists) {
  return trustLists.length === 1 ? trustLists[0] : together(trustLists.flatMap((one) => one.programmes));
}

function once(certificates) {
  return certificates.filter((one, place) => certificates.findIndex(({ raw }) => same(raw, one.raw)) === place);
}

/** Which programme named which certificates for time-stamps: nothing but the root that they follow says it. */
function stampingByRoot(certificates, roots, stamping) {
  const named = new Map(roots.map((root) => [root, []]));
  let current = roots[0];
  for (const one of certificates) {
    if (stamping.includes(one)) named.get(current).push(one);
    else current = roots.find(({ raw }) => same(raw, one.raw)) ?? current;
  }
  return named;
}

/** What of a list stands under one root, by their signatures. */
async function under(root, issuing, lists, stamping) {
  const known = [root], own = [];
  for (const above of known) {
    for (const one of issuing) if (!known.includes(one) && (await issuedBy(one, above))) known.push(one);
  }
  for (const list of lists) for (const one of known) if (!own.includes(list) && (await listedBy(list, one))) own.push(list);
  return new TrustList([root], known.slice(1), own, stamping);
}

/** Lists of one root become one, the others stay apart. Whoever runs one programme could else speak for another's. */
function together(parts) {
  const roots = once(parts.map((part) => part.roots[0]));
  const own = roots.map((root) => merged(parts.filter((part) => same(part.roots[0].raw, root.raw))));
  if (own.length === 1) return own[0];
  const authorities = own.map((one) => [...one.roots, ...one.issuing]);
  const keys = authorities.map((some) => new Set(some.map(({ key }) => toHex(key.spki))));
  if (new Set(keys.flatMap((some) => [...some])).size !== keys.reduce((sum, some) => sum + some.size, 0)) {
    throw new Damaged("holds one authority under the roots of two programmes");
  }
  own.forEach((one, place) => (one.foreign = authorities.filter((_, other) => other !== place).flat()));
  const every = (name) => own.flatMap((one) => one[name]);
  return new TrustList(every("roots"), every("issuing"), every("lists"), every("stamping"), own);
}

function merged(parts) {
  if (parts.length === 1) return new TrustList(parts[0].roots, parts[0].issuing, parts[0].lists, parts[0].stamping);
  const every = (name) => once(parts.flatMap((one) => one[name]));
  return new TrustList([parts[0].roots[0]], every("issuing"), parts.flatMap((one) => one.lists), every("stamping"));
}

/** Whether a certificate is for giving time-stamps (RFC 3161, 2.3) and for nothing else. */
function stampsOnly({ purposes, purposesCritical, authority }) {
  return purposesCritical && purposes.length === 1 && purposes[0] === TIME_STAMPING && !authority;
}

class TrustList {
  #issuers = new Map();
  #lists = new Map();

  /** `parts` are each programme's own where there are several; `foreign` the authorities of the others. */
  constructor(roots, issuing, lists, stamping, parts = []) {
    Object.assign(this, { roots, issuing, lists, stamping, parts, foreign: [] });
  }

  /** Whose list it is. */
  get title() {
    return [...new Set(this.roots.map(organization))].join(", ");
  }

  /** The list of each programme in it. */
  get programmes() {
    return this.parts.length ? this.parts : [this];
  }

  /** The list of the one programme whose authority issued a certificate, null where none on this list did. */
  async programmeOf(certificate) {
    for (const one of this.programmes) if (await one.issuerOf(certificate)) return one;
    return null;
  }

  /** The date of the newest revocation list, null where there is none. */
  get dated() {
    return this.lists.length ? Math.max(...this.lists.map((list) => list.updated)) : null;
  }

  /** Whether a certificate is one of the list's own. */
  knows(raw) {
    return [...this.roots, ...this.issuing].some((one) => same(one.raw, raw));
  }

  /** Whether exactly this certificate is trusted to give time-stamps, and held at that time. */
  stamps(certificate, at) {
    const held = certificate.notBefore <= at && at <= certificate.notAfter;
    return held && this.stamping.some((one) => same(one.raw, certificate.raw));
  }

  /** Check that the certificate leads to a root and was good for its purpose at that time (RFC 5280, 6). */
  async checkChain(certificate, at, purpose = DOCUMENT_SIGNING) {
    checkPart(certificate, at);
    let current = certificate, below = 0;
    while (!this.roots.some((root) => same(root.raw, current.raw))) {
      const issuer = await this.issuerOf(current);
      if (!issuer) throw new Untrusted(`its certificate was issued by ${await this.#whose(current)}`);
      if (below > LONGEST_PATH) throw new Untrusted("its certificate does not count: its path is too long");
      checkAuthority(issuer, below++, at, this.roots.includes(issuer));
      current = issuer;
    }
    checkUsage(certificate, purpose);
  }

  /** The authority on this list that issued a certificate, null for none. */
  async issuerOf(certificate) {
    const known = toHex(certificate.digest);
    if (!this.#issuers.has(known)) this.#issuers.set(known, await this.#findIssuer(certificate));
    return this.#issuers.get(known);
  }

  async #findIssuer(certificate) {
    for (const authority of [...this.issuing, ...this.roots]) if (await issuedBy(certificate, authority)) return authority;
    return null;
  }

  async #whose(certificate) {
    for (const one of this.foreign) if (await issuedBy(certificate, one)) return "another programme than the signer's";
    return "nobody on the trust list";
  }

  /**
   * When and why a certificate, or an authority above it, was first revoked: `{at, reason, authority, takesReceipts}`,
   * `authority` being the name of what was revoked where it is not the certificate itself. Null as far as this list knows.
   */
  async revoked(certificate) {
    const found = [];
    for (let one = certificate, left = this.issuing.length + 1; one && left && !this.roots.includes(one); left--) {
      const authority = one === certificate ? "" : commonName(one);
      for (const { entries } of await this.#listsFor(one)) {
        const entry = entries.get(toHex(one.serial));
        if (entry) found.push({ ...entry, authority, takesReceipts: authority !== "" && COMPROMISED.has(entry.reason) });
      }
      one = await this.issuerOf(one);
    }
    return found.sort((one, other) => one.at - other.at)[0] ?? null;
  }

  /** The newest list by the certificate's issuer, null for none: `updated` is its date, `until` when the next was due. */
  async known(certificate) {
    const [newest] = [...(await this.#listsFor(certificate))].sort(
      (one, other) => other.updated - one.updated || other.until - one.until,
    );
    return newest ?? null;
  }

  async #listsFor(certificate) {
    const authority = await this.issuerOf(certificate);
    if (!authority) return [];
    const known = toHex(authority.digest);
    if (!this.#lists.has(known)) this.#lists.set(known, await this.#listsBy(authority));
    return this.#lists.get(known);
  }

  async #listsBy(authority) {
    const held = [];
    for (const list of this.lists) if (await listedBy(list, authority)) held.push(list);
    return held;
  }
}

async function issuedBy(certificate, authority) {
  if (!sameName(authority.subject, certificate.issuer) || authority.key.kind !== "EC") return false;
  return signedBy(authority.key, certificate.algorithm, certificate.value, certificate.signed);
}

async function listedBy(list, authority) {
  if (!sameName(list.issuer, authority.subject)) return false;
  return signedBy(authority.key, list.algorithm, list.value, list.signed);
}

function checkPart(certificate, at) {
  if (at + SECOND < certificate.notBefore) throw new Untrusted("its certificate does not count: it was not valid yet");
  if (at - SECOND > certificate.notAfter) throw new Untrusted("its certificate does not count: it had expired");
  if (certificate.refused.length) throw new Untrusted("its certificate does not count: it has parts that are not understood");
}

/** A root is trusted as it stands; an authority below it must have been allowed to issue, and within its own time. */
function checkAuthority(authority, below, at, isRoot) {
  if (isRoot) return;
  checkPart(authority, at);
  const may = authority.authority && (authority.keyUsage === null || authority.keyUsage & SIGNS_CERTIFICATES);
  if (!may) throw new Untrusted("its certificate does not count: its issuer may not issue certificates");
  if (authority.pathLength !== null && below > authority.pathLength) {
    throw new Untrusted("its certificate does not count: its path is too long");
  }
}

function checkUsage(certificate, purpose) {
  const needed = USAGES[purpose];
  const may = ((certificate.keyUsage ?? 0) & needed) === needed && certificate.purposes?.includes(purpose);
  if (!may) throw new Untrusted("its certificate does not count: it was issued for another purpose");
}
