// The page: packets on one side, the verdict on the chosen one on the other. Everything stays in this page's memory.

import { Damaged, latin, words } from "./bytes.js";
import { LARGEST_FILE } from "./archive.js";
import { readStated } from "./contents.js";
import { TITLES, VERIFY, layoutOf } from "./layout.js";
import { moment } from "./signers.js";
import { tableOf } from "./table.js";
import { joined, readTrustList } from "./trust.js";
import { verify, withReplacements } from "./verdict.js";

const SIGNS = { good: "✓", bad: "✗", unknown: "?", stated: "–", absent: "–" };
const STANDINGS = { good: "checked", bad: "failed", unknown: "not known", stated: "only stated", absent: "not there" };
const BY_ITSELF = "A badge? This page checks badges in case files. By itself one is checked by the program that issued it, "
  + "or by any wallet for Open Badges 3.0";
const LARGEST_TRUST = 16 * 2 ** 20;

const part = (id) => document.getElementById(id);
const held = []; // {file, verdict, trouble, round}, in the order they came; `round` counts trust lists
let trust = null, chosen = -1, round = 0, checking = false;

/** An element with its class, text and children; what packets say is text, never markup, and runs in its own direction. */
function made(tag, name, content, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (content) element.append(content);
  if (content) element.dir = "auto";
  element.append(...children);
  return element;
}

function button(name, label, act) {
  const element = made("button", name, label);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

// Packets and trust

async function take(files) {
  const given = [...files];
  const lists = given.filter((file) => /\.pem$/i.test(file.name));
  if (lists.length) await useTrustLists(lists);
  const packets = given.filter((file) => !/\.(pem|p7s)$/i.test(file.name));
  if (!packets.length) return;
  const first = held.length;
  held.push(...packets.map((file) => ({ file, verdict: null, trouble: "", round: -1 })));
  showList();
  show(first);
  await checkWaiting();
}

/** Use the lists of one programme or several in place of those before. */
async function useTrustLists(files) {
  const label = part("trust-label"), read = [];
  let current = "";
  try {
    for (const file of files) {
      current = file.name;
      if (file.size > LARGEST_TRUST) throw new Damaged("is too large");
      read.push(await readTrustList(new Uint8Array(await file.arrayBuffer())));
    }
    trust = joined(read);
    label.textContent = `Trust list: ${trust.title}${trust.dated === null ? "" : `, ${moment(trust.dated).slice(0, 10)}`}`;
  } catch (trouble) {
    trust = null;
    const why = trouble instanceof Damaged ? `it ${trouble.message}` : "it cannot be read";
    label.textContent = `${current} is no trust list: ${why}`;
  }
  round++;
  await checkWaiting();
}

/** Check what was not checked yet, or by another trust list, one packet after the other. */
async function checkWaiting() {
  if (checking) return;
  checking = true;
  document.body.dataset.checking = "yes";
  for (let one; (one = held.find((each) => each.round !== round)); ) {
    await check(one);
    updateLine(held.indexOf(one));
    if (held[chosen] === one) show(chosen);
  }
  const again = withReplacements(held.map((one) => one.verdict).filter(Boolean));
  held.filter((one) => one.verdict).forEach((one, place) => (one.verdict = again[place]));
  checking = false;
  held.forEach((_, place) => updateLine(place));
  if (chosen >= 0) show(chosen);
  delete document.body.dataset.checking;
  part("said").textContent = held.length === 1 ? held[0].verdict?.headline ?? "" : `${held.length} packets checked`;
}

/** Whether a file begins as a picture or JSON does; no packet does. */
async function mayBeBadge(file) {
  return /^\s*(\x89PNG|[<{])/.test(latin(new Uint8Array(await file.slice(0, 64).arrayBuffer())));
}

async function check(one) {
  one.round = round;
  try {
    if (one.file.size > LARGEST_FILE) throw new Damaged("The file is too large for a packet");
    if (await mayBeBadge(one.file)) throw new Damaged(BY_ITSELF);
    one.verdict = await verify(new Uint8Array(await one.file.arrayBuffer()), one.file.name, trust, Date.now());
    one.trouble = "";
    one.at = Date.now();
  } catch (trouble) {
    one.verdict = null;
    one.trouble = trouble instanceof Damaged ? trouble.message : "The file cannot be read";
  }
}

// The list

function showList() {
  for (let place = part("packets").children.length; place < held.length; place++) {
    const item = made("li");
    item.append(packetLine(held[place], place));
    part("packets").append(item);
  }
  part("all").hidden = held.length < 2;
}

function updateLine(place) {
  const before = part("packets").children[place].firstElementChild, after = packetLine(held[place], place);
  const focused = document.activeElement === before;
  before.replaceWith(after);
  if (focused) after.focus();
}

function packetLine(one, place) {
  const [said, tone, about] = inShort(one);
  const line = button("packet", "", () => show(place, true));
  line.append(made("b", "", one.file.name), made("span", `pill ${tone}`, said), made("span", "about", about));
  line.dataset.place = place;
  if (one.verdict) {
    line.dataset.facts = JSON.stringify(Object.fromEntries(one.verdict.facts.map(({ id, standing }) => [id, standing])));
    line.dataset.holds = one.verdict.holds ? "yes" : "no";
  }
  markCurrent(line);
  return line;
}

function markCurrent(line) {
  if (Number(line.dataset.place) === chosen) line.setAttribute("aria-current", "true");
  else line.removeAttribute("aria-current");
}

/** A packet's pill (words and tone), and the line below its name. */
function inShort({ verdict, trouble }) {
  if (!verdict) return trouble ? ["cannot be read", "danger", trouble] : ["checking…", "", ""];
  if (verdict.bad.length) return ["do not rely on it", "danger", verdict.bad[0].sentence];
  const open = verdict.facts.filter(({ standing }) => standing === "unknown").length;
  if (open) return [`${open} open question${open > 1 ? "s" : ""}`, "caution", verdict.subject.sentence];
  return ["all good", "positive", verdict.subject.sentence];
}

// The verdict

function show(place, byHand = false) {
  chosen = place;
  const one = held[place];
  const title = one.trouble ? "This packet cannot be read" : "Checking…";
  part("verdict").replaceChildren(...(one.verdict ? pageOf(one) : [emptyState(title, one.trouble)]));
  for (const line of document.querySelectorAll(".packet")) markCurrent(line);
  if (!byHand) return;
  part("said").textContent = one.verdict?.headline ?? title;
  const { top } = part("verdict").getBoundingClientRect();
  // On narrow screens it lies below the list; on wide ones the one before may have been read to its end.
  if (top > innerHeight / 2 || top < 0) part("verdict").scrollIntoView();
}

function emptyState(title, more) {
  return made("div", "empty", "", made("h2", "", title), made("p", "muted", more));
}

function pageOf(one) {
  const { verdict, file } = one;
  const facts = made("ul", "facts");
  facts.append(...verdict.facts.map(factRow));
  const named = [file.name, verdict.digest].filter(Boolean).join(" · ");
  return [
    made("h2", "", verdict.headline), made("p", "muted", verdict.subject?.sentence ?? ""), facts,
    buttonsFor(verdict),
    made("p", "muted", `${named} · `, made("span", "whole", `checked on ${moment(one.at)}`)),
    ...verdict.contained.map(insideOf), ...statedBy(verdict), ...howTo(verdict),
  ];
}

function factRow({ id, standing, sentence, detail, basis }) {
  const row = made("li", `fact ${standing}`);
  const sign = made("span", "sign", SIGNS[standing]);
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", STANDINGS[standing]);
  const said = made("span", "sentence", sentence);
  if (detail) said.append(made("span", "detail", detail));
  const settles = standing === "unknown" && ["chain", "revocation"].includes(id);
  const end = settles ? button("plain", "Trust list…", () => part("trust-file").click()) : made("code", "", basis);
  row.append(sign, made("b", "", TITLES[id]), said, end);
  return row;
}

function buttonsFor(verdict) {
  const row = made("p", "row"), name = verdict.name.replace(/\.zip$/i, "");
  const pdf = verdict.archive?.files.get(layoutOf(verdict.archive.top).record);
  if (pdf) row.append(button("primary", "Save the record…", () => save(`${name}-record.pdf`, pdf, "application/pdf")));
  row.append(button("plain", "Print this verdict", () => print()));
  return row;
}

/** A bag in a case file, with its own facts. */
function insideOf(verdict) {
  const inside = made("details", "inside"), facts = made("ul", "facts");
  facts.append(...verdict.facts.map(factRow));
  const about = made("p", "muted", verdict.subject?.sentence ?? "");
  inside.append(made("summary", "", `${verdict.name}: ${verdict.headline}`), about, facts);
  return inside;
}

/** All that the bag states, member by member, whatever its schema. */
function statedBy(verdict) {
  const stated = verdict.archive ? readStated(verdict.archive) : {};
  if (!Object.keys(stated).length) return [];
  const whole = made("details");
  whole.append(made("summary", "", `Everything that ${layoutOf(verdict.archive.top).stated} states`));
  whole.addEventListener("toggle", () => whole.children.length === 1 && whole.append(asList(stated)));
  whole.open = verdict.newer;
  return [whole];
}

function asList(value) {
  const lines = made("dl");
  for (const [key, inner] of Object.entries(value)) {
    const holds = typeof inner === "object" && inner !== null;
    const content = made("dd", "", holds ? "" : String(inner));
    if (holds) content.append(asList(inner));
    lines.append(made("dt", "", key.replaceAll("_", " ")), content);
  }
  return lines;
}

function howTo(verdict) {
  const file = verdict.archive?.files.get(VERIFY);
  if (!file) return [];
  const how = made("details");
  how.append(made("summary", "", "How to check without this page"), made("pre", "", words(file)));
  return [how];
}

// What a person does

function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/**
 * Files dropped, and packets in folders dropped: a trust list that came with the packets must not vouch for them. Browsers
 * let a page from a stick read dropped files themselves, but not by way of their entries, and folders by their handles.
 */
async function dropped(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => ({
    file: item.getAsFile(), entry: item.webkitGetAsEntry?.(), handle: item.getAsFileSystemHandle?.(),
  })); // all at once: after the first pause they are gone
  part("drop-trouble").textContent = "";
  const files = [];
  for (const { file, entry, handle } of items) {
    if (!entry?.isDirectory) files.push(file);
    else files.push(...(await packetsIn(entry, await handle)));
  }
  await take(files);
}

async function packetsIn(entry, handle) {
  try {
    return (handle ? await filesOf(handle) : await filesIn(entry)).filter((file) => /\.zip$/i.test(file.name));
  } catch {
    part("said").textContent = part("drop-trouble").textContent =
      `This browser does not let the page read the folder ${entry.name}. Choose the files in it instead.`;
    return [];
  }
}

async function filesOf(handle) {
  const found = [];
  for await (const inner of handle.values()) {
    found.push(...(inner.kind === "file" ? [await inner.getFile()] : await filesOf(inner)));
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const inner of some) found.push(...(await filesIn(inner)));
  }
}

function moveInList(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = held[chosen + step];
  if (!step || !next || !event.target.classList.contains("packet")) return;
  event.preventDefault();
  show(chosen + step, true);
  document.querySelector(`[data-place="${chosen}"]`).focus();
}

for (const [pressed, opened] of [["choose-packets", "packet-files"], ["choose-trust", "trust-file"]]) {
  part(pressed).addEventListener("click", () => part(opened).click());
  part(opened).addEventListener("change", async ({ target }) => {
    const files = [...target.files];
    target.value = "";
    await (opened === "trust-file" ? useTrustLists(files) : take(files));
  });
}
part("save-table").addEventListener("click", () => {
  save("verdicts.csv", tableOf(held.map((one) => one.verdict).filter(Boolean)), "text/csv");
});
part("packets").addEventListener("keydown", moveInList);
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    part("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") dropped(event.dataTransfer);
  });
}
// What is folded up would not be on paper, and a verdict on a case file is one on all that it holds.
addEventListener("beforeprint", () => {
  for (const inside of document.querySelectorAll("details.inside")) inside.open = true;
});
part("trust-here").hidden = !location.protocol.startsWith("http");
part("verdict").append(emptyState(
  "Is this packet what was signed?",
  "Drop a packet here. Every fact is checked on this computer and told apart from what is only stated.",
));
