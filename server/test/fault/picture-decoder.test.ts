import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { PhotonImage } from "@silvia-odwyer/photon-node";
import { describe, expect, it } from "vitest";
import { avatarSide, childFlags } from "../../src/avatars/decode-child.ts";
import { createPictureDecoder } from "../../src/avatars/picture-decoder.ts";

/** Pictures of other encoders, and files that are an attack: what comes out is a square JPEG of the pixels, or a refusal. */
const folder = join(import.meta.dirname, "../vectors/pictures");
const read = (name: string) => readFileSync(join(folder, name));
const decode = createPictureDecoder();
const isJpeg = (bytes: Buffer) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
const outcome = (bytes: Uint8Array) =>
  decode(bytes).then(
    () => "decoded",
    (error: { code: string }) => error.code,
  );

type Colour = "yellow" | "green" | "blue" | "white" | "other";

/** The middles of the quarters: upper left, upper right, lower left, lower right. */
function quarters(jpeg: Buffer): Colour[] {
  const image = PhotonImage.new_from_byteslice(jpeg);
  expect([image.get_width(), image.get_height()]).toEqual([avatarSide, avatarSide]);
  const pixels = image.get_raw_pixels();
  const [near, far] = [avatarSide / 4, (avatarSide * 3) / 4];
  return [
    [near, near],
    [far, near],
    [near, far],
    [far, far],
  ].map(([x = 0, y = 0]) => colour(pixels.subarray(4 * (y * avatarSide + x))));
}

const seen: Readonly<Record<Exclude<Colour, "other">, readonly number[]>> = {
  yellow: [255, 255, 0],
  green: [0, 160, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
};

function colour(pixel: Uint8Array): Colour {
  // CMYK and lossy encoders move a colour, and another profile, which is not applied.
  const isNear = (wanted: readonly number[]) => wanted.every((value, i) => Math.abs(value - pixel[i]!) < 90);
  return (Object.keys(seen) as (keyof typeof seen)[]).find((name) => isNear(seen[name])) ?? "other";
}

const upright: Colour[] = ["yellow", "blue", "blue", "green"];

describe("a picture of another encoder", () => {
  const plain = readdirSync(folder).filter((name) => !/exif|hole/.test(name));
  it.each(plain)("%s is its middle square", async (name) => {
    expect(quarters(await decode(read(name)))).toEqual(upright);
  });

  it.each([
    [1, ["yellow", "blue", "blue", "green"]],
    [2, ["blue", "yellow", "green", "blue"]],
    [3, ["green", "blue", "blue", "yellow"]],
    [4, ["blue", "green", "yellow", "blue"]],
    [5, ["yellow", "blue", "blue", "green"]],
    [6, ["blue", "yellow", "green", "blue"]],
    [7, ["green", "blue", "blue", "yellow"]],
    [8, ["blue", "green", "yellow", "blue"]],
  ] as const)(
    "with EXIF orientation %d stands upright, and nothing of EXIF is left",
    async (which, expected) => {
      const made = await decode(read(`pillow-exif-${which}.jpg`));
      expect(quarters(made)).toEqual(expected);
      expect(made.toString("latin1")).not.toMatch(/SecretCamera|secret comment|Exif|ICC_PROFILE|GPS/);
    },
  );

  it.each(["pillow-hole.png", "pillow-hole.webp"])("%s shows white through its hole", async (name) => {
    expect(quarters(await decode(read(name)))).toEqual(["yellow", "blue", "white", "green"]);
  });
});

/** A PNG of one colour, as small as such a file gets. */
function png(width: number, height: number, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))), { level: 9 });
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const parts = [chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

/** Another size in a header than in the body. */
const lying = {
  "a JPEG whose frame says 65500 x 65500": () => {
    const file = Buffer.from(read("pillow.jpg"));
    const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
    file.writeUInt16BE(65500, frame + 5);
    file.writeUInt16BE(65500, frame + 7);
    return file;
  },
  "a GIF whose first picture is larger than its screen": () => {
    const file = Buffer.from(read("pillow.gif"));
    const picture = file.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]), 13);
    file.writeUInt16LE(65535, picture + 5);
    file.writeUInt16LE(65535, picture + 7);
    return file;
  },
  "a WebP whose canvas is small and whose picture is 16383 x 16383": () => {
    const file = Buffer.from(read("pillow-animated.webp"));
    const still = Buffer.from(read("pillow.webp"));
    const frame = still.subarray(12);
    frame.writeUInt16LE(16383, 14);
    frame.writeUInt16LE(16383, 16);
    const canvas = Buffer.from(file.subarray(12, 30));
    canvas[8] = 0;
    const riff = Buffer.concat([Buffer.from("RIFF\0\0\0\0WEBP", "latin1"), canvas, frame]);
    riff.writeUInt32LE(riff.length - 8, 4);
    return riff;
  },
};

describe("a file that is an attack", () => {
  it("a bomb is refused by its header, whatever its body comes to", async () => {
    const bomb = png(20_000, 20_000);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await outcome(bomb)).toBe("picture_too_large");
    expect(await outcome(png(65_000, 65_000, 1))).toBe("picture_too_large");
    expect(await outcome(png(5_000, 5_000))).toBe("decoded");
  });

  it.each(Object.entries(lying))("%s costs no more memory than is allowed", async (_, make) => {
    expect(await outcome(make())).toMatch(/^picture_(unreadable|too_large)$/);
  });

  it("what is too narrow for a face is refused", async () => {
    expect(await outcome(png(15, 400))).toBe("picture_too_small");
  });

  it.each([
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["HTML", "<!doctype html><script>alert(1)</script>"],
    ["a PDF", "%PDF-1.7\n1 0 obj"],
    ["a BMP", "BM\x46\x00\x00\x00"],
    ["a TIFF", "II*\x00\x08\x00\x00\x00"],
    ["nothing", ""],
    ["no more than a beginning", "\xff\xd8\xff\xe0"],
    ["a RIFF that is a sound", "RIFF\x24\x00\x00\x00WAVEfmt "],
  ])("%s is no picture", async (_, text) => {
    expect(await outcome(Buffer.from(text, "latin1"))).toBe("picture_unreadable");
  });

  it.each(["pillow.jpg", "pillow.gif"])("what hangs behind %s is not in what is kept", async (name) => {
    const made = await decode(
      Buffer.concat([read(name), Buffer.from("<script>alert(document.domain)</script>")]),
    );
    expect(made.includes("script")).toBe(false);
    expect(isJpeg(made)).toBe(true);
  });

  it.each(["pillow.png", "pillow.jpg", "pillow.webp", "pillow.gif"])(
    "%s cut anywhere is read or refused",
    async (name) => {
      const whole = read(name);
      for (const part of [0.1, 0.5, 0.9]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        expect(await outcome(cut)).toMatch(/^(decoded|picture_unreadable|picture_too_small)$/);
      }
    },
  );

  it("one that takes too long is ended, and the next is read", async () => {
    const hasty = createPictureDecoder({ millis: 1 });
    await expect(hasty(read("pillow.png"))).rejects.toMatchObject({ code: "picture_unreadable" });
    expect(await outcome(read("pillow.png"))).toBe("decoded");
  });

  it("many at once wait in a row, and those beyond are told to come again", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => outcome(png(16, 16))));
    expect(Map.groupBy(answers, (one) => one).get("busy")?.length).toBe(3);
    expect(answers.filter((one) => one === "decoded").length).toBe(9);
  });
});

describe("the process that reads them", () => {
  const tried = (program: string) =>
    spawnSync(process.execPath, [...childFlags, "--input-type=module", "-e", program], {
      ...{ encoding: "utf8", env: {} },
    });

  it.each([
    ["writes a file", 'import fs from "node:fs"; fs.writeFileSync("/tmp/x-picture", "x")'],
    ["starts a program", 'import { spawnSync } from "node:child_process"; spawnSync("/bin/true")'],
    ["starts a thread", 'import { Worker } from "node:worker_threads"; new Worker("0", { eval: true })'],
    ["opens a connection", 'import net from "node:net"; net.connect(65000, "127.0.0.1")'],
    ["loads native code", 'process.dlopen({ exports: {} }, "/x.node")'],
  ])("never %s", (_, program) => {
    const { status, stderr } = tried(program);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED/)]);
  });

  it("has half a gigabyte at most for what it decodes", () => {
    const grow = (pages: number) => tried(`new WebAssembly.Memory({ initial: ${pages} })`).status;
    expect([grow(8192), grow(8193)]).toEqual([0, 1]);
  });
});
