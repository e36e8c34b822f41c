import { type Db, statement } from "../engines/database/database.ts";
import type { PictureStore } from "./picture-store.ts";

const content = statement("avatar_files.content", (db, values: { name: string }) =>
  db.selectFrom("avatar_files").select("content").where("name", "=", values.name),
);

/** Pictures in the database: 10 to 30 KB each, in every backup, and nothing to set up. */
export function createDatabasePictures(db: Db): PictureStore {
  return {
    name: "database",
    async put(name, bytes) {
      await db.kysely
        .insertInto("avatar_files")
        .values({ name, content: bytes.toString("base64") })
        .execute();
    },
    async get(name) {
      const found = await db.first(content, { name });
      return found === null ? null : Buffer.from(found.content, "base64");
    },
    async remove(name) {
      await db.kysely.deleteFrom("avatar_files").where("name", "=", name).execute();
    },
  };
}
