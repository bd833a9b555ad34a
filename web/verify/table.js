// Verdicts as a table (CSV, RFC 4180), one packet a line, for a spreadsheet.

import { TITLES } from "./layout.js";

/** The table; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function tableOf(verdicts) {
  const facts = Object.keys(TITLES);
  const head = ["packet", "holds", "verdict", "about", "digest", ...facts];
  const rows = verdicts.map((one) => [
    one.name, one.holds ? "yes" : "no", one.headline, one.subject?.sentence ?? "", one.digest,
    ...facts.map((id) => one.facts.find((fact) => fact.id === id)?.standing ?? ""),
  ]);
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(value) {
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
