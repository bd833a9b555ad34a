// A signed PDF's own signature, and the document embedded in it: a packet's record, a case file's first page.

import { Damaged, fromHex, joined, latin, same } from "./bytes.js";
import { PADES, readSignature } from "./cms.js";
import { fact } from "./layout.js";
import { Pdf, embeddedIn, signatureOf } from "./pdf.js";

/** Whether the layout's PDF is signed, all of it, with the bag's certificate, and carries what the bag states. */
export async function recordFact(files, layout, certificate) {
  try {
    await checkRecord(files.get(layout.record), files.get(layout.stated), layout, certificate);
  } catch (trouble) {
    const said = trouble instanceof Damaged && trouble.message.startsWith("is no PDF") ? "" : trouble.message;
    const told = trouble instanceof Damaged && said ? said : "cannot be read as a signed PDF";
    return fact("record", "bad", `${layout.record} ${told}`, "", "PAdES");
  }
  const name = layout.record.replace(/^data\//, "");
  return fact("record", "good", `${name} is signed by the same certificate and carries the same ${layout.about}`, "", "PAdES");
}

/** The fact for a record that was not opened. */
export function notChecked(why) {
  return fact("record", "unknown", `Not checked: ${why}`, "", "PAdES");
}

async function checkRecord(file, document, layout, certificate) {
  const pdf = await Pdf.open(file);
  const signature = await signatureOf(pdf);
  const signed = await readSignature(unpadded(signature.contents), covered(file, signature), PADES);
  if (!same(signed.certificate.raw, certificate.raw)) {
    throw new Damaged(`is signed with another certificate than the ${layout.title}`);
  }
  const [[name, carried] = [], ...others] = await embeddedIn(pdf);
  if (others.length || name !== layout.stated.replace(/^data\//, "") || !same(carried, document)) {
    throw new Damaged(`carries another ${layout.about} than ${layout.stated}`);
  }
}

/** The CMS without the zeros that fill the room kept for it. */
function unpadded(padded) {
  if (padded.length < 4 || padded[0] !== 0x30 || padded[1] !== 0x82) throw new Damaged("has a signature that cannot be read");
  const length = 4 + padded[2] * 256 + padded[3];
  if (padded.subarray(length).some(Boolean)) throw new Damaged("has bytes after its signature");
  return padded.subarray(0, length);
}

/** The bytes the signature is over: the whole file but the signature's own hexadecimal digits. */
function covered(file, { contents, range }) {
  const [start, first, second, last] = range;
  const gap = latin(file.subarray(first, second));
  const whole = start === 0 && first < second && second + last === file.length && gap.startsWith("<") && gap.endsWith(">");
  if (!whole || /[^0-9a-fA-F]/.test(gap.slice(1, -1)) || !same(fromHex(gap.slice(1, -1)), contents)) {
    throw new Damaged("is not signed as a whole");
  }
  return joined(file.subarray(0, first), file.subarray(second));
}
