import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Log } from "../kernel/log.ts";
import { type PictureStoreName, storeOfShown } from "./avatar-store.ts";
import type { PictureStore } from "./picture-store.ts";

/** Where pictures lie: where new ones go, and where earlier ones may, null for what is not configured any more. */
export interface PicturePlaces {
  readonly store: PictureStore;
  readonly storeOf: (name: PictureStoreName) => PictureStore | null;
}

/** A picture that an account shows, a JPEG; null where none does by this name. Error: `picture_store_away`. */
export type ReadPicture = (name: string) => Promise<Buffer | null>;

export function createReadPicture({
  db,
  log,
  storeOf,
}: Pick<PicturePlaces, "storeOf"> & { readonly db: Db; readonly log: Pick<Log, "warn"> }): ReadPicture {
  return async (name) => {
    const where = await storeOfShown(db, name);
    if (where === null) return null;
    try {
      return await configured(where, storeOf).get(name);
    } catch (error) {
      throw storeAway(error, log);
    }
  };
}

/** Throws where the setting that named the store is gone, while pictures are still there. */
export function configured(where: PictureStoreName, storeOf: PicturePlaces["storeOf"]): PictureStore {
  const store = storeOf(where);
  if (store === null) throw new Error(`pictures lie in a store that AVATAR_STORE names no more: ${where}`);
  return store;
}

/** What callers are told of a store in trouble; operators have the reason in the log. */
export function storeAway(error: unknown, log: Pick<Log, "warn">): AppError {
  log.warn({ err: error }, "the picture store is away");
  return new AppError("picture_store_away", { retryAfterSeconds: 30 });
}
