// Bytes, digests and text, and the two kinds of trouble that every check can end in.

/** What was looked at is not as it should be; the message fits after a file's name. */
export class Damaged extends Error {}

/** A certificate that the trust list does not vouch for; the message says why. */
export class Untrusted extends Error {}

/** Whether two byte arrays are the same. */
export function same(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

/** Byte arrays one after the other. */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function fromHex(digits) {
  if (digits.length % 2 || /[^0-9a-fA-F]/.test(digits)) throw new Damaged("holds no hexadecimal digits");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.substr(2 * i, 2), 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** UTF-8 as text; throws for anything that is none. A byte order mark stays a character. */
export function text(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Bytes as text for people: what is no UTF-8 is replaced. */
export function words(bytes) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Each byte as one character, for looking at formats that are half text. (What browsers call “latin1” is not that.) */
export function latin(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join("");
}

export function utf8(string) {
  return new TextEncoder().encode(string);
}

export async function digest(bytes, algorithm = "SHA-256") {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
}

export async function sha256(bytes) {
  return toHex(await digest(bytes));
}

/**
 * What a compressed stream holds, read to its end; null where it is damaged, followed by anything, or longer than
 * `most`: then it is let go at once, so that no bomb fills the memory.
 */
export async function inflated(bytes, format, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  const parts = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(...parts);
      length += value.length;
      if (length > most) {
        await reader.cancel();
        return null;
      }
      parts.push(value);
    }
  } catch {
    return null;
  }
}
