import type { User } from "../accounts/record.ts";
import { isOwnAvatar } from "../avatars/avatar-owners.ts";
import type { ReadPicture } from "../avatars/read-picture.ts";
import type { Db } from "../engines/database/database.ts";
import { createPauses } from "../kernel/next-turn.ts";
import type { Language } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { collect } from "./collect.ts";
import { exportJson } from "./export-json.ts";
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
 * avatar.jpg where the owner chose a picture. Others have their turns while it is made (guard: no-standstill-export.test.ts).
 */
export async function packExport(archive: ArchiveOf): Promise<Buffer> {
  const { db, words, tables, user, language, now } = archive;
  const data = await collect(db, tables, user, now);
  const picture = isOwnAvatar(user.avatar) ? await archive.readPicture(user.avatar) : null;
  return pack(
    {
      "export.json": exportJson(data),
      "index.html": exportPage(data, language, (key) => words.text(`export.${key}`, language)),
      ...(picture === null ? {} : { "avatar.jpg": new Uint8Array(picture) }),
    },
    new Date(now),
  );
}

/** Characters that are compressed at once: a millisecond's work or two. */
const charactersAtOnce = 32_768;

async function pack(
  files: Readonly<Record<string, Uint8Array | Iterable<string>>>,
  mtime: Date,
): Promise<Buffer> {
  const { strToU8, Zip, ZipDeflate } = await import("fflate");
  const pause = createPauses();
  const packed: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error;
    packed.push(chunk);
  });
  for (const [name, content] of Object.entries(files)) {
    const file = new ZipDeflate(name);
    file.mtime = mtime;
    zip.add(file);
    if (content instanceof Uint8Array) {
      file.push(content, true);
      continue;
    }
    let text = "";
    for (const piece of content) {
      text += piece;
      if (text.length < charactersAtOnce) continue;
      file.push(strToU8(text));
      text = "";
      await pause();
    }
    file.push(strToU8(text), true);
  }
  zip.end();
  return Buffer.concat(packed);
}
