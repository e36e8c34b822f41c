import { strFromU8, unzipSync } from "fflate";
import type { ExportedData } from "../../src/rights/collect.ts";

/** What is in an export's ZIP. */
export function openArchive(bytes: Buffer): {
  readonly data: ExportedData;
  readonly page: string;
  readonly picture: Buffer | null;
} {
  const files = unzipSync(bytes);
  return {
    data: JSON.parse(strFromU8(files["export.json"]!)) as ExportedData,
    page: strFromU8(files["index.html"]!),
    picture: files["avatar.jpg"] === undefined ? null : Buffer.from(files["avatar.jpg"]),
  };
}
