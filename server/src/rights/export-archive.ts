import type { User } from "../accounts/record.ts";
import { isOwnAvatar } from "../avatars/avatar-owners.ts";
import type { ReadPicture } from "../avatars/read-picture.ts";
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
  readonly readPicture: ReadPicture;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The ZIP of an account's data: export.json (docs/export.schema.json) for programs, index.html in the language for people, and
 * avatar.jpg where the owner chose a picture.
 */
export async function packExport(archive: ArchiveOf): Promise<Buffer> {
  const { db, words, tables, user, language, now } = archive;
  const { strToU8, zipSync } = await import("fflate");
  const data = await collect(db, tables, user, now);
  const page = exportPage(data, language, (key) => words.text(`export.${key}`, language));
  const picture = isOwnAvatar(user.avatar) ? await archive.readPicture(user.avatar) : null;
  const files = {
    "export.json": strToU8(`${JSON.stringify(data, null, 2)}\n`),
    "index.html": strToU8(page),
    ...(picture === null ? {} : { "avatar.jpg": new Uint8Array(picture) }),
  };
  return Buffer.from(zipSync(files, { mtime: new Date(now) }));
}
