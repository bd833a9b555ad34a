// JSON as packets carry it: UTF-8 in canonical form (RFC 8785), which is what JavaScript itself writes.

import { text } from "./bytes.js";

const DEEPEST = 100;

/** The value of a JSON document; undefined where it is none, or nested beyond reason. */
export function parsed(bytes) {
  if (!bytes) return undefined;
  try {
    const value = JSON.parse(text(bytes));
    return depth(value, DEEPEST) ? value : undefined;
  } catch {
    return undefined;
  }
}

function depth(value, left) {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => depth(inner, left - 1));
}

/** Whether a document is written in the one way in which its content can be. */
export function isCanonical(bytes) {
  const value = parsed(bytes);
  return value !== undefined && writable(value) && canonical(value) === text(bytes);
}

/** Numbers that every reader takes for the same, and text that can be UTF-8. */
function writable(value) {
  if (typeof value === "number") return !Number.isInteger(value) || Math.abs(value) < 2 ** 53 || Math.abs(value) >= 1e21;
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && writable(inner));
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}

/** The value if it is an object, else an empty one. */
export function mapping(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function list(value) {
  return Array.isArray(value) ? value : [];
}

export function string_(value) {
  return typeof value === "string" ? value : "";
}

/** The version of the rubric that was assigned, where a document says that it is by another one; else empty. */
export function movedFrom(stated) {
  return string_(mapping(stated.rubric_moved).from);
}

/** Whether two values are the same, whatever the order of their members. */
export function alike(one, other) {
  return (one === undefined ? "" : canonical(one ?? null)) === (other === undefined ? "" : canonical(other ?? null));
}
