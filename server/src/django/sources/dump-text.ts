import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { SourceError } from "./django-reader.ts";

/**
 * The text of a dumpdata file, which may be gzipped; never more than a piece of it in memory. What is not dumpdata JSON
 * is reported, with what to do instead.
 */
export async function* dumpText(file: string): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  try {
    for await (const chunk of bytesOf(file)) {
      if (decoder === null) {
        refuseOther(file, chunk);
        const encoding = chunk[0] === 0xff && chunk[1] === 0xfe ? "utf-16le" : "utf-8";
        // Windows' PowerShell makes UTF-16 of `dumpdata > file`. Bytes that are not text are an error: read as
        // replacement characters, every Chinese name in a GBK file would be imported broken.
        decoder = new TextDecoder(encoding, { fatal: true });
      }
      yield decoder.decode(chunk, { stream: true });
    }
    if (decoder === null) throw told(file, "是空文件", "is empty", again);
    yield decoder.decode();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw notUtf8(file);
    if (code?.startsWith("Z_")) {
      const how = { zh: "请重新复制或压缩", en: "Copy or compress it again" };
      throw told(file, "是损坏或不完整的 gzip 文件", "is a gzip file that is broken or cut short", how);
    }
    throw error;
  }
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  let first: Buffer | null = null;
  for await (const chunk of createReadStream(file, { end: 1 }) as AsyncIterable<Buffer>) first = chunk;
  if (first?.[0] !== 0x1f || first[1] !== 0x8b) {
    yield* packed as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = createGunzip();
  packed.once("error", (error) => unpacked.destroy(error)).pipe(unpacked);
  yield* unpacked as AsyncIterable<Buffer>;
}

interface Advice {
  readonly zh: string;
  readonly en: string;
}

const again: Advice = {
  zh: "请用 manage.py dumpdata --format json --output accounts.json 导出",
  en: "Write one with manage.py dumpdata --format json --output accounts.json",
};
const restore: Advice = {
  zh: "请先恢复到一个数据库，再给出它的地址（mysql://… 或 postgres://…）",
  en: "Restore it into a database and give that one's address (mysql://… or postgres://…)",
};
const unpack: Advice = { zh: "请先解压", en: "Unpack it first" };

/** By its first bytes; a gzipped file by those inside. */
const others: readonly (readonly [RegExp, zh: string, en: string, Advice])[] = [
  [/^PGDMP/, "是 pg_dump 的自定义格式备份", "is a backup in pg_dump's custom format", restore],
  [/^SQLite format 3/, "是压缩的 SQLite 数据库", "is a compressed SQLite database", unpack],
  [/^(PK|BZh|\xfd7zXZ|\(\xb5\/\xfd|7z\xbc\xaf|Rar!)/, "是压缩文件", "is an archive", unpack],
  [
    /^\s*(--|\/\*|(create|insert|drop|set|begin|pragma|use|start|alter)\b)/i,
    "是 SQL 脚本",
    "is an SQL script",
    restore,
  ],
  [/^\s*</, "是 XML", "is XML", again],
  [/^\s*(---\s|- (fields|model):)/, "是 YAML", "is YAML", again],
  [/^\s*"?[\w ]+"?\s*[,;\t]\s*"?[\w ]/, "是 CSV 表格", "is a CSV table", again],
];

function refuseOther(file: string, chunk: Buffer): void {
  const start = chunk
    .subarray(0, 200)
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  for (const [pattern, zh, en, advice] of others) {
    if (pattern.test(start)) throw told(file, zh, en, advice);
  }
}

function told(file: string, zh: string, en: string, advice: Advice): SourceError {
  return new SourceError(
    `${file} ${zh}，不是 dumpdata 的 JSON。${advice.zh}。`,
    `${file} ${en}, no dumpdata JSON. ${advice.en}.`,
  );
}

function notUtf8(file: string): SourceError {
  return new SourceError(
    `${file} 不是 UTF-8 文本：请用 manage.py dumpdata --output accounts.json 重新导出（Windows 上先设 PYTHONUTF8=1）。`,
    `${file} is not UTF-8: write it again with manage.py dumpdata --output accounts.json (on Windows with PYTHONUTF8=1).`,
  );
}
