import { deflateSync } from "node:zlib";
import { randomBelow, randomBytesOf } from "../kernel/ids.ts";
import { glyphHeight, glyphWidth, hasInk } from "./picture-font.ts";

/**
 * Draws a picture code: grey dots of its own font, each sign turned, sheared and of another size, the whole bent by waves,
 * with strokes across and grain. It slows scripts down and stops nobody with a reader of pictures (docs/threats.md): limits
 * carry the weight. A picture takes a few milliseconds and is 4 KB.
 */
const width = 120;
const height = 40;
const paper = 236;
const strokes = 2;

/** A random number in [from, to), in steps fine enough for what is drawn. */
const between = (from: number, to: number) => from + ((to - from) * randomBelow(10_000)) / 10_000;

type Ink = (x: number, y: number) => boolean;

/** The text as a PNG. Signs are capital letters and digits. */
export function drawPicture(text: string): Buffer {
  const bent = wave();
  const grain = randomBytesOf(width * height);
  const ink = [...signs(text), ...Array.from({ length: strokes }, stroke)];
  const shade = 20 + randomBelow(70);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = bent(x, y);
      const noise = grain[y * width + x]!;
      const base = ink.some((has) => has(u, v)) ? shade : paper;
      // Grain on every dot, and one in forty turned to something else.
      const dot = noise < 6 ? 255 - base : base + (noise % 32) - 16;
      // The row's first byte, 0, says that it is not filtered.
      rows[y * (width + 1) + 1 + x] = Math.max(0, Math.min(255, dot));
    }
  }
  return png(rows);
}

function wave(): (x: number, y: number) => readonly [number, number] {
  const [rise, length, phase] = [between(0.8, 1.8), between(30, 50), between(0, 6.3)];
  const [lean, span, turn] = [between(0.8, 1.8), between(12, 24), between(0, 6.3)];
  return (x, y) => [x + lean * Math.sin(y / span + turn), y + rise * Math.sin(x / (length / 3) + phase)];
}

function signs(text: string): Ink[] {
  const step = width / (text.length + 0.6);
  return [...text].map((sign, at) => {
    const middleX = step * (at + 0.8) + between(-2, 2);
    const middleY = height / 2 + between(-3, 3);
    const size = between(3.7, 4.4);
    const reach = (size * glyphHeight * 0.7) ** 2;
    const [angle, shear] = [between(-0.24, 0.24), between(-0.25, 0.25)];
    const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size];
    return (x, y) => {
      const [dx, dy] = [x - middleX, y - middleY];
      // Nine in ten dots are far from it.
      if (dx * dx + dy * dy > reach) return false;
      const row = dy * cos - dx * sin;
      const column = dx * cos + dy * sin + shear * row;
      return hasInk(sign, Math.floor(column + glyphWidth / 2), Math.floor(row + glyphHeight / 2));
    };
  });
}

function stroke(): Ink {
  const [at, slope, rise] = [between(6, height - 6), between(-0.2, 0.2), between(2, 7)];
  const [length, phase, half] = [between(8, 20), between(0, 6.3), between(0.5, 0.9)];
  return (x, y) => Math.abs(y - at - slope * (x - width / 2) - rise * Math.sin(x / length + phase)) < half;
}

/** PNG 1.2: eight bits of grey, one IDAT. */
function png(rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 4 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

/** The CRC-32 of PNG's chunks (annex D of its specification). */
function crc(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
