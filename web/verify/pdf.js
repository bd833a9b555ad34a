// As much of PDF (ISO 32000-1) as it takes to find a document's signature and the file embedded in it. Strict: the
// cross-reference must lead to every object, and what is not understood is refused, never repaired.

import { Damaged, fromHex, inflated, latin, same } from "./bytes.js";

const LARGEST_STREAM = 64 * 2 ** 20, DEEPEST = 64, MOST_REVISIONS = 64, MOST_OBJECTS = 200000;
const SPACE = " \t\r\n\f\0", DELIMITERS = "()<>[]{}/%";

/** A name, such as /Sig. */
class Name {
  constructor(name) {
    this.name = name;
  }
}

/** A string's bytes, each as one character. */
class Text {
  constructor(value) {
    this.value = value;
  }
}

class Reference {
  constructor(number, generation) {
    this.number = number;
    this.generation = generation;
  }
}

class Stream {
  constructor(dictionary, bytes) {
    this.dictionary = dictionary;
    this.bytes = bytes;
  }
}

/** Reads one value after another out of a file's characters. */
class Reader {
  constructor(file, at = 0) {
    this.file = file;
    this.at = at;
  }

  skip() {
    for (; this.at < this.file.length; this.at++) {
      if (this.file[this.at] === "%") this.at = this.file.slice(this.at).search(/[\r\n]|$/) + this.at;
      if (!SPACE.includes(this.file[this.at] ?? "x")) return;
    }
  }

  /** Take these characters if they come next. */
  take(expected) {
    this.skip();
    if (!this.file.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  need(expected) {
    if (!this.take(expected)) throw new Damaged("is no PDF as it should be");
  }

  word() {
    this.skip();
    const start = this.at;
    while (this.at < this.file.length && !(SPACE + DELIMITERS).includes(this.file[this.at])) this.at++;
    return this.file.slice(start, this.at);
  }

  whole() {
    const word = this.word();
    if (!/^\d{1,10}$/.test(word)) throw new Damaged("is no PDF as it should be");
    return Number(word);
  }

  value(depth = 0) {
    if (depth > DEEPEST) throw new Damaged("is no PDF as it should be");
    if (this.take("<<")) return this.dictionary(depth);
    if (this.take("[")) return this.array(depth);
    if (this.take("(")) return this.literal();
    if (this.take("<")) return this.hexadecimal();
    if (this.take("/")) return this.name();
    return this.numberOrWord();
  }

  dictionary(depth) {
    const found = new Map();
    while (!this.take(">>")) {
      this.need("/");
      const { name } = this.name();
      found.set(name, this.value(depth + 1));
    }
    return found;
  }

  array(depth) {
    const found = [];
    while (!this.take("]")) found.push(this.value(depth + 1));
    return found;
  }

  name() {
    const start = this.at;
    while (this.at < this.file.length && !(SPACE + DELIMITERS).includes(this.file[this.at])) this.at++;
    const name = this.file.slice(start, this.at);
    return new Name(name.replace(/#([0-9a-fA-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))));
  }

  hexadecimal() {
    const end = this.file.indexOf(">", this.at);
    const digits = end < 0 ? "x" : this.file.slice(this.at, end).replace(/[\s\0]/g, "");
    this.at = end + 1;
    return new Text(latin(fromHex(digits.length % 2 ? `${digits}0` : digits)));
  }

  literal() {
    const parts = [];
    for (let open = 1; ; this.at++) {
      let character = this.file[this.at];
      if (character === undefined) throw new Damaged("is no PDF as it should be");
      if (character === "(") open++;
      if (character === ")" && --open === 0) break;
      if (character === "\\") character = this.escaped();
      parts.push(character);
    }
    this.at++;
    return new Text(parts.join(""));
  }

  /** What a backslash stands for with what follows it; leaves the place on the last character that it took. */
  escaped() {
    const octal = /^[0-7]{1,3}/.exec(this.file.substr(this.at + 1, 3));
    if (octal) {
      this.at += octal[0].length;
      return String.fromCharCode(parseInt(octal[0], 8) & 0xff);
    }
    const next = this.file[++this.at];
    if (next === "\r" && this.file[this.at + 1] === "\n") this.at++;
    if (next === "\r" || next === "\n") return "";
    return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }[next] ?? next ?? "";
  }

  numberOrWord() {
    const word = this.word();
    if (/^\d{1,10}$/.test(word)) {
      const back = this.at, reference = /^\s+(\d{1,5})\s+R(?![^\s()<>[\]{}/%])/.exec(this.file.substr(this.at, 24));
      if (!reference) return Number(word);
      this.at = back + reference[0].length;
      return new Reference(Number(word), Number(reference[1]));
    }
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(word)) return Number(word);
    if (["true", "false", "null"].includes(word)) return { true: true, false: false, null: null }[word];
    throw new Damaged("is no PDF as it should be");
  }
}

/** A PDF held in memory. */
export class Pdf {
  #file;
  #bytes;
  #places = new Map();
  #holders = new Map();

  /** Read where a document's objects are. Damaged for what is no PDF. */
  static async open(bytes) {
    const pdf = new Pdf(bytes);
    await pdf.#readPlaces();
    return pdf;
  }

  constructor(bytes) {
    this.#bytes = bytes;
    this.#file = latin(bytes);
  }

  async #readPlaces() {
    const end = /startxref\s+(\d{1,10})\s+%%EOF\s*$/.exec(this.#file.slice(-1024));
    if (!this.#file.startsWith("%PDF-") || !end) throw new Damaged("is no PDF as it should be");
    const seen = new Set();
    for (let at = Number(end[1]); at !== undefined; ) {
      if (seen.has(at) || seen.size > MOST_REVISIONS) throw new Damaged("is no PDF as it should be");
      seen.add(at);
      const trailer = await this.#readSection(at);
      if (trailer.has("Encrypt") || trailer.has("XRefStm")) throw new Damaged("is a PDF of a kind that packets do not hold");
      this.trailer ??= trailer;
      at = trailer.get("Prev");
    }
  }

  async #readSection(at) {
    const reader = new Reader(this.#file, at);
    if (!reader.take("xref")) return this.#readStreamSection(at);
    while (!reader.take("trailer")) {
      const first = reader.whole(), count = reader.whole();
      for (let number = first; number < first + count; number++) {
        const place = reader.whole(), generation = reader.whole(), kind = reader.word();
        if (kind !== "n" && kind !== "f") throw new Damaged("is no PDF as it should be");
        this.#note(number, kind === "n" ? { at: place, generation } : null);
      }
    }
    reader.need("<<");
    return reader.dictionary(0);
  }

  #note(number, place) {
    if (this.#places.size > MOST_OBJECTS) throw new Damaged("is no PDF as it should be");
    if (!this.#places.has(number)) this.#places.set(number, place);
  }

  async #readStreamSection(at) {
    const stream = await this.#readObject({ at }, null);
    if (!(stream instanceof Stream)) throw new Damaged("is no PDF as it should be");
    const { dictionary } = stream, data = await this.decoded(stream), widths = dictionary.get("W");
    const span = dictionary.get("Index") ?? [0, dictionary.get("Size")];
    const row = widths.reduce((sum, width) => sum + width, 0);
    let position = 0;
    for (let pair = 0; pair < span.length; pair += 2) {
      for (let number = span[pair]; number < span[pair] + span[pair + 1]; number++, position += row) {
        if (position + row > data.length) throw new Damaged("is no PDF as it should be");
        this.#note(number, placeIn(data.subarray(position, position + row), widths));
      }
    }
    return dictionary;
  }

  /** The value that a reference leads to; the value itself where it is none. */
  async get(value) {
    for (let steps = 0; value instanceof Reference; steps++) {
      if (steps > DEEPEST) throw new Damaged("is no PDF as it should be");
      const place = this.#places.get(value.number);
      if (!place) return null;
      value = place.holder === undefined ? await this.#readObject(place, value.number) : await this.#readHeld(place);
    }
    return value;
  }

  async #readObject(place, number) {
    const reader = new Reader(this.#file, place.at);
    const found = reader.whole(), generation = reader.whole();
    if ((number !== null && found !== number) || (place.generation ?? generation) !== generation) {
      throw new Damaged("is no PDF as it should be");
    }
    reader.need("obj");
    const value = reader.value();
    if (!(value instanceof Map) || !reader.take("stream")) return value;
    const start = reader.at + (this.#file[reader.at] === "\r" ? 2 : 1);
    const length = await this.get(value.get("Length"));
    const after = new Reader(this.#file, start + length);
    if (!Number.isInteger(length) || this.#file[start - 1] !== "\n" || !after.take("endstream")) {
      throw new Damaged("is no PDF as it should be");
    }
    return new Stream(value, this.#bytes.subarray(start, start + length));
  }

  /** An object that lies in a stream with others (7.5.7). */
  async #readHeld({ holder, index }) {
    if (!this.#holders.has(holder)) {
      const place = this.#places.get(holder);
      const stream = place?.at === undefined ? null : await this.#readObject(place, holder);
      if (!(stream instanceof Stream)) throw new Damaged("is no PDF as it should be");
      this.#holders.set(holder, [latin(await this.decoded(stream)), stream.dictionary]);
    }
    const [file, dictionary] = this.#holders.get(holder);
    const heads = new Reader(file);
    let offset = -1;
    for (let at = 0; at <= index; at++) {
      heads.whole();
      offset = heads.whole();
    }
    return new Reader(file, dictionary.get("First") + offset).value();
  }

  /** A stream's content, which may be deflated and nothing else. */
  async decoded({ dictionary, bytes }) {
    const one = async (key) => {
      const value = await this.get(dictionary.get(key));
      if (Array.isArray(value) && value.length > 1) throw new Damaged("is a PDF of a kind that packets do not hold");
      return this.get(Array.isArray(value) ? value[0] : value);
    };
    const filter = await one("Filter"), parameters = (await one("DecodeParms")) ?? new Map();
    if (filter === undefined || filter === null) return bytes;
    if (filter.name !== "FlateDecode") throw new Damaged("is a PDF of a kind that packets do not hold");
    const content = await inflated(bytes, "deflate", LARGEST_STREAM);
    if (!content) throw new Damaged("is no PDF as it should be");
    return (parameters.get("Predictor") ?? 1) === 1 ? content : unpredicted(content, parameters);
  }
}

function placeIn(row, widths) {
  const numbers = [];
  let at = 0;
  for (const width of widths) {
    numbers.push(row.subarray(at, at + width).reduce((sum, byte) => sum * 256 + byte, 0));
    at += width;
  }
  const [kind, second, third] = [widths[0] ? numbers[0] : 1, numbers[1], numbers[2]];
  if (kind === 1) return { at: second, generation: third };
  return kind === 2 ? { holder: second, index: third } : null;
}

/** Undo PNG's predictors (7.4.4.4), of which “up” is the one in use. */
function unpredicted(content, parameters) {
  const columns = parameters.get("Columns") ?? 1, bytes = parameters.get("Colors") ?? 1;
  if (parameters.get("Predictor") < 10 || bytes !== 1 || content.length % (columns + 1)) {
    throw new Damaged("is a PDF of a kind that packets do not hold");
  }
  const rows = content.length / (columns + 1), out = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const kind = content[row * (columns + 1)];
    if (kind !== 0 && kind !== 2) throw new Damaged("is a PDF of a kind that packets do not hold");
    for (let column = 0; column < columns; column++) {
      const above = kind === 2 && row ? out[(row - 1) * columns + column] : 0;
      out[row * columns + column] = content[row * (columns + 1) + 1 + column] + above;
    }
  }
  return out;
}

/** The one signature of a document, `{contents, range}`. Damaged unless there is exactly one. */
export async function signatureOf(pdf) {
  const form = await step(pdf, await pdf.get(pdf.trailer.get("Root")), "AcroForm");
  const found = [];
  await collect(pdf, await pdf.get(form.get("Fields")), null, found, 0);
  if (found.length !== 1) throw new Damaged("must carry one signature");
  const contents = await pdf.get(found[0].get("Contents")), range = await pdf.get(found[0].get("ByteRange"));
  if (!(contents instanceof Text) || !Array.isArray(range) || range.length !== 4 || !range.every(Number.isInteger)) {
    throw new Damaged("is no PDF as it should be");
  }
  return { contents: Uint8Array.from(contents.value, (character) => character.charCodeAt(0)), range };
}

async function collect(pdf, fields, inherited, found, depth) {
  if (depth > DEEPEST || !Array.isArray(fields)) throw new Damaged("is no PDF as it should be");
  for (const one of fields) {
    const field = await pdf.get(one);
    const kind = (await pdf.get(field.get("FT"))) ?? inherited;
    const value = await pdf.get(field.get("V"));
    if (kind?.name === "Sig" && value instanceof Map) found.push(value);
    else if (field.has("Kids")) await collect(pdf, await pdf.get(field.get("Kids")), kind, found, depth + 1);
  }
}

/** The embedded files, `[name, content]` (7.11.4). */
export async function embeddedIn(pdf) {
  const root = await pdf.get(pdf.trailer.get("Root"));
  const tree = await step(pdf, await step(pdf, root, "Names"), "EmbeddedFiles");
  const names = await pdf.get(tree.get("Names"));
  const found = [];
  for (let at = 0; at < names.length; at += 2) {
    const specification = await pdf.get(names[at + 1]);
    for (const content of await contentsOf(pdf, await step(pdf, specification, "EF"))) {
      found.push([textOf(await pdf.get(names[at])), content]);
    }
  }
  return found;
}

/** What stands under /F and, for other systems, under /UF: once where it is the same. */
async function contentsOf(pdf, files) {
  const found = [];
  for (const value of files.values()) {
    const stream = await pdf.get(value);
    if (!(stream instanceof Stream)) throw new Damaged("is no PDF as it should be");
    const content = await pdf.decoded(stream);
    if (!found.some((one) => same(one, content))) found.push(content);
  }
  return found;
}

async function step(pdf, dictionary, key) {
  const value = await pdf.get(dictionary.get(key));
  if (!(value instanceof Map)) throw new Damaged("is no PDF as it should be");
  return value;
}

function textOf(string) {
  if (!string.value.startsWith("\u00fe\u00ff")) return string.value;
  return string.value.slice(2).replace(/([\s\S])([\s\S])/g, (_, high, low) => (
    String.fromCharCode(high.charCodeAt(0) * 256 + low.charCodeAt(0))
  ));
}
