import type { PhotonImage } from "@silvia-odwyer/photon-node";

/**
 * The process in which a picture from outside is read: started for one picture, and gone with it. It decodes in WebAssembly, of
 * a decoder in Rust, with a bound on its memory, and may open no connection, write no file and start nothing (`childFlags`);
 * it is given none of the server's settings. Attacks: a decoder that a picture takes over; a picture of a few bytes that is a
 * gigabyte of pixels, also where its header says another size than its body (guard: picture-decoder.test.ts).
 */
export const childFile = import.meta.filename;
export const childMark = "decode-picture";

/** Of Node: what the child is held to. 8192 pages are 512 MiB, what 25 million pixels take with their copies. */
export const childFlags = [
  "--permission",
  "--allow-fs-read=*",
  "--max-old-space-size=64",
  "--wasm-max-mem-pages=8192",
  "--disable-warning=SecurityWarning",
  "--disable-warning=ExperimentalWarning",
] as const;

/** Of a side, in pixels: sharp at 160 CSS pixels on a phone. */
export const avatarSide = 320;
/** Of a photo: a phone's usual one has 12 million, the largest that is common 24. */
const mostPixels = 25_000_000;
/** No picture of a face is so narrow; and a side of one pixel has no middle. */
const leastSide = 16;
const jpegQuality = 85;

export type Decoded =
  | { readonly content: Uint8Array }
  | { readonly refused: "picture_unreadable" | "picture_too_large" | "picture_too_small" };

async function decode(bytes: Uint8Array): Promise<Decoded> {
  const { imageSize } = await import("image-size");
  let size: { width: number; height: number; orientation?: number | undefined };
  try {
    size = imageSize(bytes);
  } catch {
    return { refused: "picture_unreadable" };
  }
  const { width, height, orientation = 1 } = size;
  if (width * height > mostPixels) return { refused: "picture_too_large" };
  if (Math.min(width, height) < leastSide) return { refused: "picture_too_small" };
  const photon = await import("@silvia-odwyer/photon-node");
  try {
    const read = photon.PhotonImage.new_from_byteslice(bytes);
    const side = Math.min(read.get_width(), read.get_height());
    const left = Math.floor((read.get_width() - side) / 2);
    const top = Math.floor((read.get_height() - side) / 2);
    const square = photon.crop(read, left, top, left + side, top + side);
    const small = photon.resize(square, avatarSide, avatarSide, photon.SamplingFilter.Lanczos3);
    return { content: encode(photon.PhotonImage, small, orientation) };
  } catch {
    // Whatever the decoder stumbles over, a lack of memory included: the process ends with it.
    return { refused: "picture_unreadable" };
  }
}

/** As a JPEG that has nothing of the original but its pixels. */
function encode(Made: typeof PhotonImage, image: PhotonImage, orientation: number): Uint8Array {
  const upright = turned(onWhite(image.get_raw_pixels()), avatarSide, orientation);
  return new Made(upright, avatarSide, avatarSide).get_bytes_jpeg(jpegQuality);
}

/** RGBA without holes: a JPEG has none, and what is behind one is whatever the program that made it left there. */
function onWhite(pixels: Uint8Array): Uint8Array {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3] as number;
    for (let channel = i; channel < i + 3; channel++) {
      pixels[channel] = Math.round(((pixels[channel] as number) * alpha + 255 * (255 - alpha)) / 255);
    }
    pixels[i + 3] = 255;
  }
  return pixels;
}

/** A square as its EXIF orientation has it shown (CIPA DC-008, 4.6.5.1.5: 1 to 8). */
function turned(pixels: Uint8Array, side: number, orientation: number): Uint8Array {
  const last = side - 1;
  const from: Readonly<Record<number, (x: number, y: number) => readonly [number, number]>> = {
    2: (x, y) => [last - x, y],
    3: (x, y) => [last - x, last - y],
    4: (x, y) => [x, last - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, last - x],
    7: (x, y) => [last - y, last - x],
    8: (x, y) => [last - y, x],
  };
  const source = from[orientation];
  if (source === undefined) return pixels;
  const made = new Uint8Array(pixels.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [fromX, fromY] = source(x, y);
      const at = 4 * (fromY * side + fromX);
      made.set(pixels.subarray(at, at + 4), 4 * (y * side + x));
    }
  }
  return made;
}

if (process.argv[1] === childFile && process.argv[2] === childMark) {
  process.once("message", async (bytes: Uint8Array) => {
    const decoded = await decode(bytes);
    process.send?.(decoded, () => process.disconnect?.());
  });
}
