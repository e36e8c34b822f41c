import { readFileSync, statSync } from "node:fs";
import { SettingProblem } from "../errors/setting-problem.ts";

/**
 * A logo or an icon of the operator: an SVG or a PNG, with its size. What an SVG has in it is not judged: it is shown by
 * `<img>` alone, where it runs and loads nothing, and answered under a policy that says the same to whoever opens it by
 * itself (site/brand-routes.ts).
 */
export interface Picture {
  readonly type: "image/svg+xml" | "image/png";
  readonly content: Buffer;
  /** Of its own; only their proportion counts. */
  readonly width: number;
  readonly height: number;
}

/** Every visitor loads it before the first log-in. */
const sizeLimit = 200 * 1024;
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Reads a picture file. Throws a SettingProblem: `fileUnreadable`, `brandPictureLarge`, `brandPicture`, `brandPictureSize`. */
export function readPicture(file: string): Picture {
  const content = readFile(file);
  if (content.length > sizeLimit) {
    throw new SettingProblem("brandPictureLarge", { file, limit: sizeLimit / 1024 });
  }
  const isPng = content.subarray(0, 8).equals(pngSignature);
  const size = isPng ? pngSize(content) : svgSize(content.toString("utf8"));
  if (size === null) throw new SettingProblem("brandPicture", { file });
  if (!(size.width > 0 && size.height > 0)) throw new SettingProblem("brandPictureSize", { file });
  return { type: isPng ? "image/png" : "image/svg+xml", content, ...size };
}

function readFile(file: string): Buffer {
  try {
    // Before reading: it could be a disk.
    if (statSync(file).size > sizeLimit) return Buffer.alloc(sizeLimit + 1);
    return readFileSync(file);
  } catch (error) {
    throw new SettingProblem("brandFileUnreadable", { file, reason: (error as Error).message });
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of the IHDR chunk, which is the first one (PNG, section 11.2.2). */
function pngSize(content: Buffer): Size | null {
  if (content.length < 24 || content.toString("latin1", 12, 16) !== "IHDR") return null;
  return { width: content.readUInt32BE(16), height: content.readUInt32BE(20) };
}

/** Of its root's viewBox, else of its width and height; 0 where it has neither. Null for what is no SVG. */
function svgSize(text: string): Size | null {
  const root =
    /^(?:\uFEFF|\s|<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>)*<svg\b([^>]*)>/i.exec(
      text,
    );
  if (!root || !/xmlns\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["']/.test(root[1]!)) return null;
  const attribute = (name: string) =>
    new RegExp(`\\s${name}\\s*=\\s*["']\\s*([^"']*?)\\s*["']`).exec(root[1]!)?.[1];
  const box = attribute("viewBox")
    ?.split(/[\s,]+/)
    .map(Number);
  if (box?.length === 4) return { width: box[2]!, height: box[3]! };
  const length = (name: string) => Number(/^([\d.]+)(?:px)?$/.exec(attribute(name) ?? "")?.[1] ?? 0);
  return { width: length("width"), height: length("height") };
}
