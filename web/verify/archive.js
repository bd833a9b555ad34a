// A packet's ZIP (APPNOTE 6.3), read so that there is one way to understand it, in memory only.
//
// A ZIP says most things twice, and readers differ in which they believe. Here both must agree, members must fill the
// file from the first byte to the directory without gap or overlap, and names must mean the same everywhere.

import { Damaged, inflated, same, words } from "./bytes.js";

export const LARGEST_FILE = 256 * 2 ** 20;
export const LARGEST_CONTENT = 512 * 2 ** 20;
export const MOST_MEMBERS = 256;
export const LARGEST_RATIO = 200;

const END = 22, CENTRAL = 46, LOCAL = 30;
const ENCRYPTED = 0x1, UTF8 = 0x800, LEVEL = 0x6;
const STORED = 0, DEFLATED = 8;
const HARMLESS_EXTRA = new Set([0x5455, 0x7875, 0x000a]);
const INFO_ZIP = 0x031e;

/** `{top, files: Map, outside, troubles}` of a ZIP held in memory, of at most `room` bytes unpacked. Damaged for none. */
export async function readArchive(data, room = LARGEST_CONTENT) {
  if (data.length > LARGEST_FILE) throw new Damaged("The file is too large for a packet");
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [members, directory] = readDirectory(data, view);
  if (members.reduce((sum, member) => sum + member.size, 0) > room) {
    throw new Damaged("The archive unpacks to more than a packet may hold");
  }
  const archive = { top: "", files: new Map(), outside: [], troubles: [] };
  archive.troubles.push(...oddDirectory(members), ...oddLayout(data, view, members, directory));
  const contents = new Map();
  for (const member of members) {
    archive.troubles.push(...oddMember(member));
    if (member.name.endsWith("/")) continue;
    const content = await contentOf(data, view, member, archive.troubles);
    if (content && !contents.has(member.name)) contents.set(member.name, content);
  }
  sortByTop(archive, contents);
  return archive;
}

function readDirectory(data, view) {
  if (data.length < END) throw new Damaged("This is no ZIP archive");
  const start = data.length - END;
  if (view.getUint32(start, true) !== 0x06054b50 || view.getUint16(start + 20, true)) {
    throw new Damaged("The archive does not end where its directory ends: it is no ZIP, cut short, or has bytes added");
  }
  const [disk, otherDisk, here, count] = [4, 6, 8, 10].map((at) => view.getUint16(start + at, true));
  const size = view.getUint32(start + 12, true), offset = view.getUint32(start + 16, true);
  if (disk || otherDisk || here !== count || offset + size !== start) {
    throw new Damaged("The archive's end record and its directory disagree");
  }
  if (count < 1 || count > MOST_MEMBERS) {
    throw new Damaged(`The archive has ${count} members; a packet has between 1 and ${MOST_MEMBERS}`);
  }
  return [readMembers(data, view, offset, start, count), offset];
}

function readMembers(data, view, position, end, count) {
  const members = [];
  for (let number = 1; number <= count; number++) {
    if (position + CENTRAL > end) throw new Damaged("The archive's directory is cut short");
    const member = readMember(data, view, position);
    position = member.next;
    if (member.signature !== 0x02014b50 || member.disk || member.remarks || position > end) {
      throw new Damaged(`Line ${number} of the archive's directory cannot be read`);
    }
    members.push(member);
  }
  if (position !== end) throw new Damaged("The archive's directory holds more than it counts");
  return members;
}

function readMember(data, view, at) {
  const [names, extras, remarks] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
  const nameAt = at + CENTRAL;
  const nameBytes = data.subarray(nameAt, nameAt + names);
  return {
    signature: view.getUint32(at, true), madeBy: view.getUint16(at + 4, true), shared: data.subarray(at + 6, at + 28),
    flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), disk: view.getUint16(at + 34, true),
    textFlag: view.getUint16(at + 36, true), attributes: view.getUint32(at + 38, true),
    offset: view.getUint32(at + 42, true), remarks, nameBytes, name: words(nameBytes),
    extra: data.subarray(nameAt + names, nameAt + names + extras), next: nameAt + names + extras + remarks,
  };
}

function counted(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function mostCommon(counts) {
  let best = null;
  for (const [key, count] of counts) if (best === null || count > counts.get(best)) best = key;
  return best;
}

/** Names that are there twice or look alike, and members that differ in what one writer gives all alike. */
function* oddDirectory(members) {
  for (const [name, count] of counted(members.map((member) => member.name))) {
    if (count > 1) yield `${name} is there twice`;
  }
  const folded = (name) => name.normalize("NFKC").toLowerCase();
  const alike = counted(members.map((member) => folded(member.name)));
  for (const member of members) {
    if (alike.get(folded(member.name)) > 1) yield `${member.name} has a twin that differs only in case or form`;
  }
  const files = members.filter((member) => !member.name.endsWith("/"));
  const kind = (member) => `${member.madeBy} ${member.attributes}`;
  const usual = mostCommon(counted(files.map(kind)));
  for (const member of files) {
    if (kind(member) !== usual) yield `${member.name} has other attributes in the archive than the rest`;
  }
}

/** Members must follow one another from the first byte on, each saying of itself what the directory says. */
function* oddLayout(data, view, members, directory) {
  let expected = 0;
  for (const member of [...members].sort((one, other) => one.offset - other.offset)) {
    if (member.offset !== expected) {
      yield `There are bytes before or around ${member.name} that belong to no member`;
    }
    expected = member.offset + localSize(data, view, member) + member.packed;
    if (!agrees(data, view, member)) {
      yield `${member.name} says other things of itself than the archive's directory says of it`;
    }
  }
  if (expected !== directory) yield "There are bytes between the last member and the archive's directory";
}

function localSize(data, view, member) {
  if (member.offset + LOCAL > data.length) throw new Damaged(`${member.name} lies outside the archive`);
  return LOCAL + view.getUint16(member.offset + 26, true) + view.getUint16(member.offset + 28, true);
}

function agrees(data, view, member) {
  const at = member.offset, names = view.getUint16(at + 26, true);
  return (
    view.getUint32(at, true) === 0x04034b50 &&
    same(data.subarray(at + 4, at + 26), member.shared) &&
    same(data.subarray(at + LOCAL, at + LOCAL + names), member.nameBytes) &&
    harmless(data.subarray(at + LOCAL + names, at + localSize(data, view, member)))
  );
}

function harmless(extra) {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  let at = 0;
  while (at + 4 <= extra.length) {
    if (!HARMLESS_EXTRA.has(view.getUint16(at, true))) return false;
    at += 4 + view.getUint16(at + 2, true);
  }
  return at === extra.length;
}

function* oddMember(member) {
  if (member.flags & ENCRYPTED) yield `${member.name} is encrypted`;
  else if (member.flags & ~(UTF8 | LEVEL)) yield `${member.name} has flags that a packet has no use for`;
  if (!harmless(member.extra)) yield `${member.name} has extra fields that a packet has no use for`;
  if (member.textFlag && !(member.textFlag === 1 && member.madeBy === INFO_ZIP)) {
    yield `${member.name} has internal attributes that a packet has no use for`;
  }
  if (((member.attributes >>> 16) & 0xf000) === 0xa000) yield `${member.name} is a link`;
  const problem = nameProblem(member);
  if (problem) yield `${member.name} is no name for a file in a packet: ${problem}`;
  if (member.name.endsWith("/") && member.size) yield `${member.name} is a folder with content`;
}

function nameProblem({ name }) {
  const segments = name.replace(/\/$/, "").split("/");
  if (/^\/|[\\:]/.test(name)) return "it is absolute or not portable";
  if (segments.some((segment) => ["", ".", ".."].includes(segment))) return "it leads out of its folder";
  return /^[\x20-\x7e]*$/.test(name) ? "" : "it has characters that not every system writes alike";
}

async function contentOf(data, view, member, troubles) {
  const start = member.offset + localSize(data, view, member);
  const packed = data.subarray(start, start + member.packed);
  const content = member.flags & ENCRYPTED ? null : await unpacked(packed, member);
  if (content === null) troubles.push(`${member.name} cannot be unpacked`);
  else if (content.length !== member.size || crc32(content) !== member.crc) {
    troubles.push(`${member.name} has not the length or checksum that the archive says`);
  }
  return content;
}

async function unpacked(packed, member) {
  if (member.method === STORED) return packed;
  if (member.method !== DEFLATED || member.size > LARGEST_RATIO * Math.max(packed.length, 1024)) return null;
  return inflated(packed, "deflate-raw", member.size);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) value = CRC_TABLE[(value ^ bytes[at]) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** The folder that most files lie in is the packet; files elsewhere are outside it. */
function sortByTop(archive, contents) {
  const names = [...contents.keys()];
  archive.top = mostCommon(counted(names.filter((name) => name.includes("/")).map((name) => name.split("/", 1)[0]))) ?? "";
  for (const [name, content] of contents) {
    const cut = name.indexOf("/");
    const below = cut < 0 ? "" : name.slice(cut + 1);
    if (below && name.slice(0, cut) === archive.top) archive.files.set(below, content);
    else archive.outside.push(name);
  }
}
