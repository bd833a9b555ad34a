// The trust list: whose certificates count, and which were revoked. It comes from the issuer, never from a packet.

import { Damaged, Untrusted, same, toHex } from "./bytes.js";
import { organization, pemPieces, readCertificate, readRevocationList, sameName, signedBy } from "./certificate.js";

export const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36", TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
// Bits of a key's usage in its first byte: it may sign, and sign so that it cannot be denied; it may sign certificates.
const SIGNS_DOCUMENTS = 0xc0, SIGNS_CERTIFICATES = 0x04;
const USAGES = { [DOCUMENT_SIGNING]: SIGNS_DOCUMENTS, [TIME_STAMPING]: 0 };
const SECOND = 1000, LONGEST_PATH = 6;

/** Read a trust list. Damaged, in words that fit after “it”, for what is none. */
export async function readTrustList(bytes) {
  const pieces = pemPieces(bytes, ["CERTIFICATE", "X509 CRL"]);
  if (!pieces) throw new Damaged("holds something besides certificates and revocation lists in PEM form");
  const certificates = [], lists = [];
  for (const [label, der] of pieces) {
    if (label === "CERTIFICATE") certificates.push(await readCertificate(der));
    else lists.push(await readRevocationList(der));
  }
  const stamping = certificates.filter(stampsOnly), others = certificates.filter((one) => !stamping.includes(one));
  const roots = others.filter((one) => sameName(one.subject, one.issuer));
  if (!roots.length) throw new Damaged("holds no root certificate");
  return new TrustList(roots, others.filter((one) => !roots.includes(one)), lists, stamping);
}

/** Whether a certificate is for giving time-stamps (RFC 3161, 2.3) and for nothing else. */
function stampsOnly({ purposes, purposesCritical, authority }) {
  return purposesCritical && purposes.length === 1 && purposes[0] === TIME_STAMPING && !authority;
}

class TrustList {
  #issuers = new Map();
  #lists = new Map();

  constructor(roots, issuing, lists, stamping) {
    this.stamping = stamping;
    this.roots = roots;
    this.issuing = issuing;
    this.lists = lists;
  }

  /** Whose list it is. */
  get title() {
    return organization(this.roots[0]);
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
      if (!issuer) throw new Untrusted("its certificate was issued by nobody on the trust list");
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
    for (const authority of [...this.issuing, ...this.roots]) {
      if (!sameName(authority.subject, certificate.issuer) || authority.key.kind !== "EC") continue;
      if (await signedBy(authority.key, certificate.algorithm, certificate.value, certificate.signed)) return authority;
    }
    return null;
  }

  /** When and why a certificate was revoked, `{at, reason}`; null as far as this list knows of none. */
  async revoked(certificate) {
    const found = (await this.#listsFor(certificate)).map((list) => list.entries.get(toHex(certificate.serial)));
    return found.filter(Boolean).sort((one, other) => one.at - other.at)[0] ?? null;
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
    for (const list of this.lists) {
      if (!sameName(list.issuer, authority.subject)) continue;
      if (await signedBy(authority.key, list.algorithm, list.value, list.signed)) held.push(list);
    }
    return held;
  }
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
