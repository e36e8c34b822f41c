import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SettingProblem } from "../../errors/setting-problem.ts";

/**
 * Passwords known from breaches, in a file that `passwords import-breached` makes: a Bloom filter in blocks of one page, so
 * that a question is one read of 4 KB and a list of any length takes no memory. It never misses a password that is in it, and
 * takes one in about 1,700 others for one of them: whoever chose that one chooses again.
 *
 * Its block is the hash's place among all hashes. So a list in the order of its hashes fills one block after another, and
 * making the file takes one block of memory.
 */
export const blockBytes = 4096;
const bitsPerEntry = 16;
/** Of 15 bits each, out of the 16 bytes that follow the block's four. */
const probes = 8;
const magic = "meiduo-accounts breached passwords 1\n";

export interface BreachedHeader {
  readonly entries: number;
  readonly blocks: number;
  /** Passwords seen more rarely were left out. */
  readonly atLeast: number;
  /** ISO 8601. */
  readonly madeAt: string;
}

/** Of a password, as the lists have it. */
export const sha1 = (password: string) => createHash("sha1").update(password, "utf8").digest();

export const blocksFor = (entries: number) =>
  Math.max(1, Math.ceil((entries * bitsPerEntry) / (blockBytes * 8)));

export const blockOf = (hash: Buffer, blocks: number) =>
  Math.floor((hash.readUInt32BE(0) * blocks) / 2 ** 32);

export function addTo(block: Buffer, hash: Buffer): void {
  for (const bit of bitsOf(hash)) block[bit >> 3] = (block[bit >> 3] as number) | (1 << (bit & 7));
}

function isIn(block: Buffer, hash: Buffer): boolean {
  return bitsOf(hash).every((bit) => ((block[bit >> 3] as number) & (1 << (bit & 7))) !== 0);
}

function bitsOf(hash: Buffer): number[] {
  return Array.from({ length: probes }, (_, i) => hash.readUInt16BE(4 + 2 * i) & 0x7fff);
}

export function headerBlock(header: BreachedHeader): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(`${magic}${JSON.stringify(header)}\n`, "utf8");
  return block;
}

/** What the file holds. Throws a SettingProblem: `breachedFile` for one that is none or not whole. */
export function readBreachedHeader(file: string): BreachedHeader {
  try {
    const block = Buffer.alloc(blockBytes);
    const handle = openSync(file, "r");
    try {
      readSync(handle, block, 0, blockBytes, 0);
    } finally {
      closeSync(handle);
    }
    const [first, second = ""] = block.toString("utf8").split("\n", 2);
    if (`${first}\n` !== magic) throw new Error("not a file of import-breached");
    const header = JSON.parse(second) as BreachedHeader;
    const expected = (header.blocks + 1) * blockBytes;
    const { size } = statSync(file);
    if (size !== expected) throw new Error(`${size} bytes instead of ${expected}`);
    return header;
  } catch (error) {
    throw new SettingProblem("breachedFile", { file, reason: (error as Error).message });
  }
}

export interface BreachedPasswords {
  /** Whether the password is in the list. Rejects when the file can't be read any more. */
  has(password: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the file at the first question. A file that is replaced is read by the next start. */
export function openBreachedFile(file: string): BreachedPasswords {
  const { blocks } = readBreachedHeader(file);
  let opened: Promise<FileHandle> | null = null;
  return {
    async has(password) {
      opened ??= open(file, "r");
      const hash = sha1(password);
      const block = Buffer.alloc(blockBytes);
      const { bytesRead } = await (await opened).read(
        block,
        0,
        blockBytes,
        (1 + blockOf(hash, blocks)) * blockBytes,
      );
      if (bytesRead !== blockBytes) throw new Error(`${file} ends too early`);
      return isIn(block, hash);
    },
    close: async () => (await opened)?.close(),
  };
}
