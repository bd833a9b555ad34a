// DER (X.690), read strictly: definite shortest lengths, nothing left over. What is read can be written again.

import { Damaged, joined, latin, words } from "./bytes.js";

export const TAG = {
  boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, nothing: 0x05, oid: 0x06, enumerated: 0x0a,
  utf8: 0x0c, sequence: 0x30, set: 0x31, utcTime: 0x17, time: 0x18,
};
const DEEPEST = 32;
const MOST_ELEMENTS = 200000;

/** The one element that these bytes are. `raw` is all of it, `content` what it holds; `parts()` its elements. */
export function readDer(bytes) {
  const [element] = elements(bytes, 0, { left: MOST_ELEMENTS }, 1);
  return element;
}

function elements(bytes, depth, count, most = Infinity) {
  if (depth > DEEPEST) throw new Damaged("is nested too deeply");
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const element = readElement(bytes, at, depth, count);
    found.push(element);
    at += element.raw.length;
    if (found.length > most) throw new Damaged("holds bytes after its end");
  }
  if (most === 1 && found.length !== 1) throw new Damaged("is empty");
  return found;
}

function readElement(bytes, at, depth, count) {
  if (--count.left < 0) throw new Damaged("has too many parts");
  const tag = bytes[at];
  if ((tag & 0x1f) === 0x1f || at + 2 > bytes.length) throw new Damaged("is not in DER");
  const [start, length] = readLength(bytes, at + 1);
  const end = start + length;
  if (end > bytes.length) throw new Damaged("is cut short");
  return {
    tag,
    raw: bytes.subarray(at, end),
    content: bytes.subarray(start, end),
    parts() {
      if (!(tag & 0x20)) throw new Damaged("is not in DER");
      return elements(this.content, depth + 1, count);
    },
  };
}

function readLength(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [at + 1, first];
  const size = first & 0x7f;
  if (size < 1 || size > 4 || at + 1 + size > bytes.length) throw new Damaged("is not in DER");
  let length = 0;
  for (let i = 1; i <= size; i++) length = length * 256 + bytes[at + i];
  if (length < 0x80 || length < 256 ** (size - 1)) throw new Damaged("is not in DER");
  return [at + 1 + size, length];
}

/** An element written: tag, shortest length, contents. */
export function der(tag, ...contents) {
  const content = joined(...contents);
  const size = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | size.length, ...size];
  return joined(Uint8Array.from(head), content);
}

/** The parts of an element that must have this tag. */
export function partsOf(element, tag = TAG.sequence) {
  return tagged(element, tag).parts();
}

/** The element itself, which must have this tag. */
export function tagged(element, tag) {
  if (!element || element.tag !== tag) throw new Damaged("is not built as it should be");
  return element;
}

/** A dotted object identifier. */
export function oid(element) {
  const bytes = tagged(element, TAG.oid).content;
  if (!bytes.length || bytes[bytes.length - 1] & 0x80) throw new Damaged("is not in DER");
  const numbers = [];
  let number = 0n, fresh = true;
  for (const byte of bytes) {
    if (fresh && byte === 0x80) throw new Damaged("is not in DER");
    number = number * 128n + BigInt(byte & 0x7f);
    fresh = !(byte & 0x80);
    if (fresh) {
      numbers.push(number);
      number = 0n;
    }
  }
  const first = numbers[0] < 80n ? numbers[0] / 40n : 2n;
  return [first, numbers[0] - 40n * first, ...numbers.slice(1)].join(".");
}

/** The content of an integer in shortest form. */
export function integer(element) {
  const bytes = tagged(element, TAG.integer).content;
  const padded = bytes.length > 1 && ((bytes[0] === 0 && bytes[1] < 0x80) || (bytes[0] === 0xff && bytes[1] >= 0x80));
  if (!bytes.length || padded) throw new Damaged("is not in DER");
  return bytes;
}

/** A small whole number. */
export function small(element) {
  const bytes = integer(element);
  if (bytes.length > 4 || bytes[0] & 0x80) throw new Damaged("has a number out of bounds");
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function truth(element) {
  const { content } = tagged(element, TAG.boolean);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new Damaged("is not in DER");
  return content[0] !== 0;
}

/** Bits without the count of unused ones, which must be 0 where `whole`. */
export function bits(element, whole = true) {
  const { content } = tagged(element, TAG.bits);
  if (!content.length || content[0] > 7 || (whole && content[0])) throw new Damaged("is not in DER");
  return content.subarray(1);
}

/** A time as milliseconds since 1970 (RFC 5280, 4.1.2.5): to the second, in UTC. */
export function time(element) {
  const digits = latin(element?.content ?? new Uint8Array());
  const found = (element?.tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
    : element?.tag === TAG.time ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d*[1-9])?Z$/ : /$^/).exec(digits);
  if (!found) throw new Damaged("has a time that cannot be read");
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const full = element.tag === TAG.utcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const at = Date.UTC(full, month - 1, day, hour, minute, second);
  const back = new Date(at);
  const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!real) throw new Damaged("has a time that cannot be read");
  return at;
}

const WIDE = { 0x1e: 2, 0x1c: 4 };

/** The text of one of the kinds of string that names are made of. */
export function string(element) {
  if (element.tag in WIDE) {
    const size = WIDE[element.tag], { content } = element;
    if (content.length % size) throw new Damaged("is not in DER");
    let all = "";
    for (let at = 0; at < content.length; at += size) {
      all += String.fromCodePoint(content.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0));
    }
    return all;
  }
  return element.tag === TAG.utf8 ? words(element.content) : latin(element.content);
}
