import type { User } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import type { Language } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { collect } from "./collect.ts";
import { exportPage } from "./export-page.ts";
import type { PersonalTable } from "./personal-table.ts";

export interface ArchiveOf {
  readonly db: Db;
  readonly words: Words;
  readonly tables: readonly PersonalTable[];
  readonly user: User;
  readonly language: Language;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The ZIP of an account's data: export.json (docs/export.schema.json) for programs, index.html in the language for people. */
export async function packExport({ db, words, tables, user, language, now }: ArchiveOf): Promise<Buffer> {
  const { strToU8, zipSync } = await import("fflate");
  const data = await collect(db, tables, user, now);
  const page = exportPage(data, language, (key) => words.text(`export.${key}`, language));
  const files = {
    "export.json": strToU8(`${JSON.stringify(data, null, 2)}\n`),
    "index.html": strToU8(page),
  };
  return Buffer.from(zipSync(files, { mtime: new Date(now) }));
}
