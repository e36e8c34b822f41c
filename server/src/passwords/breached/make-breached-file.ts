import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ToldError } from "../../errors/told-error.ts";
import { addTo, type BreachedHeader, blockBytes, blockOf, blocksFor, headerBlock } from "./breached-file.ts";

/**
 * Makes the file of breached passwords from a list of SHA-1 hashes, as haveibeenpwned.com's downloader writes it: one file of
 * `hash:times` in the order of the hashes, or a folder of files named after the first five hexadecimal digits with the other
 * 35 in each line. Promises: the list is read twice and never held; the file appears whole or not at all.
 */
export interface Making {
  readonly source: string;
  readonly file: string;
  /** Leaves out what was seen more rarely. A line without a number counts as seen once. */
  readonly atLeast: number;
  readonly madeAt: string;
  readonly progress: (step: "reading" | "writing", lines: number) => void;
}

interface Entry {
  readonly hash: Buffer;
  readonly times: number;
}

/** Throws a ToldError for a list that can't be used, and what the file system says. */
export async function makeBreachedFile(making: Making): Promise<BreachedHeader> {
  let entries = 0;
  for await (const { times } of entriesOf(making, "reading")) if (times >= making.atLeast) entries++;
  if (entries === 0) throw nothingIn(making.source);
  const header = { entries, blocks: blocksFor(entries), atLeast: making.atLeast, madeAt: making.madeAt };
  const part = `${making.file}.part`;
  const handle = await open(part, "w", 0o644);
  try {
    await writeBlocks(handle, making, header);
    await handle.sync();
    await handle.close();
    await rename(part, making.file);
  } catch (error) {
    await handle.close();
    await rm(part, { force: true });
    throw error;
  }
  return header;
}

async function writeBlocks(handle: FileHandle, making: Making, header: BreachedHeader): Promise<void> {
  await handle.write(headerBlock(header), 0, blockBytes, 0);
  let block = Buffer.alloc(blockBytes);
  let at = 0;
  const put = () => handle.write(block, 0, blockBytes, (1 + at) * blockBytes);
  for await (const { hash, times } of entriesOf(making, "writing")) {
    if (times < making.atLeast) continue;
    const next = blockOf(hash, header.blocks);
    if (next !== at) {
      await put();
      // Blocks that nothing falls into are holes full of zeros.
      block = Buffer.alloc(blockBytes);
      at = next;
    }
    addTo(block, hash);
  }
  await put();
  await handle.truncate((1 + header.blocks) * blockBytes);
}

async function* entriesOf({ source, progress }: Making, step: "reading" | "writing"): AsyncGenerator<Entry> {
  let last: Buffer = Buffer.alloc(0);
  let lines = 0;
  for (const { file, prefix } of await filesOf(source)) {
    const reader = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    let line = 0;
    for await (const text of reader) {
      line++;
      if (text === "") continue;
      const entry = readLine(prefix, text);
      if (entry === null) throw noHash(`${file}:${line}`);
      if (Buffer.compare(last, entry.hash) > 0) throw outOfOrder(`${file}:${line}`);
      last = entry.hash;
      if (++lines % 100_000 === 0) progress(step, lines);
      yield entry;
    }
  }
}

async function filesOf(source: string): Promise<{ file: string; prefix: string }[]> {
  if (!(await stat(source)).isDirectory()) return [{ file: source, prefix: "" }];
  const names = (await readdir(source)).filter((name) => /^[\da-f]{5}(\.txt)?$/i.test(name));
  return names
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map((name) => ({ file: join(source, name), prefix: name.slice(0, 5) }));
}

function readLine(prefix: string, text: string): Entry | null {
  const [, rest = "", times = "1"] = /^([\da-f]+)(?::(\d+))?$/i.exec(text.trim()) ?? [];
  const hex = prefix + rest;
  return hex.length === 40 ? { hash: Buffer.from(hex, "hex"), times: Number(times) } : null;
}

const nothingIn = (source: string) =>
  new ToldError(`${source} 中没有符合条件的哈希。`, `${source} has no hash that is to be taken.`);

const noHash = (place: string) =>
  new ToldError(
    `${place} 不是 SHA-1 哈希：每行应为 40 位十六进制数，可带“:次数”。`,
    `${place} is no SHA-1 hash: each line has 40 hexadecimal digits, and may have ":times" after them.`,
  );

const outOfOrder = (place: string) =>
  new ToldError(
    `${place} 不按哈希的顺序：请先用 LC_ALL=C sort 排序。`,
    `${place} is not in the order of the hashes: sort the list first, by LC_ALL=C sort.`,
  );
