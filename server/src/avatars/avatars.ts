import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { isOwnAvatar } from "./avatar-owners.ts";
import { type AvatarRow, deleteAvatar, dueAvatars, insertAvatar, writeDue } from "./avatar-store.ts";
import type { DecodePicture } from "./picture-decoder.ts";
import { configured, createReadPicture, type PicturePlaces, storeAway } from "./read-picture.ts";

/**
 * The pictures that people choose. Promises: what is kept was made anew of the pixels (picture-decoder.ts), under a name that
 * nobody guesses; a picture is served only while an account shows it; one that is replaced, removed or left by an account that is
 * gone goes from the store, however often that fails (`sweep`), because its row stays until it did. The row is there before the
 * file, and stays longer than storing can take whatever becomes of the account meanwhile; a file that comes behind an erasure goes in the
 * very call that stored it, or within minutes where that process died (`strayMillis`). Guards: avatars.test.ts, avatars.race.test.ts,
 * avatar-stores.test.ts.
 */
export interface AvatarsDeps extends PicturePlaces {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly users: Users;
  readonly events: Pick<Events, "record">;
  readonly decode: DecodePicture;
}

/** Who stores a picture has so long to show it; nothing brings it forward. */
const pendingMillis = 3_600_000;
/** Between two tries to remove one. */
const againMillis = 10 * 60_000;

export type Avatars = ReturnType<typeof createAvatars>;

type Owner = Pick<User, "id" | "credentials_version">;

export function createAvatars(deps: AvatarsDeps) {
  const { db, clock, log, users, store } = deps;

  /** Removes what a row is about, and then the row; false where the store refuses, which is tried again. */
  async function removeOne({ name, store: where }: Pick<AvatarRow, "name" | "store">): Promise<boolean> {
    try {
      await configured(where, deps.storeOf).remove(name);
    } catch (error) {
      log.warn({ err: error, store: where }, "a picture can't be removed, and is tried again");
      await writeDue(db, name, clock.now() + againMillis);
      return false;
    }
    await deleteAvatar(db, name);
    return true;
  }

  /**
   * Removes what is due, up to `limit`; returns how many went. Two at once remove the same, which does no harm.
   */
  async function sweep(limit: number): Promise<number> {
    let gone = 0;
    for (const row of await dueAvatars(db, clock.now(), limit)) if (await removeOne(row)) gone++;
    return gone;
  }

  /** Shows another one, or none, in place of the present one. Error: `token_expired` where the account changed since `seen`. */
  async function show(seen: Owner, avatar: string): Promise<User> {
    const changed = await db.transaction(async (transaction) => {
      const user = await users.lockUnchanged(transaction, seen);
      if (user === null) throw new AppError("token_expired");
      if (user.avatar === avatar) return user;
      await retire(transaction, user);
      if (avatar !== "") await writeDue(transaction, avatar, null);
      await users.setAvatar(transaction, user.id, avatar);
      await deps.events.record(transaction, { type: "user.avatar_changed", userId: user.id });
      return { ...user, avatar };
    });
    await sweep(sweptAtOnce);
    return changed;
  }

  async function retire(transaction: Db, { avatar }: Pick<User, "avatar">): Promise<void> {
    if (isOwnAvatar(avatar)) await writeDue(transaction, avatar, clock.now());
  }

  return {
    /**
     * Makes the picture the account's. Returns the account as it is then. Errors: those of the decoder, `picture_store_away`,
     * `token_expired`.
     */
    async set(seen: Owner, bytes: Uint8Array): Promise<User> {
      const content = await deps.decode(bytes);
      const [name, now] = [randomToken(16), clock.now()];
      await db.transaction(async (transaction) => {
        // One that was erased meanwhile leaves nothing in the store.
        if ((await users.lockUnchanged(transaction, seen)) === null) throw new AppError("token_expired");
        await insertAvatar(transaction, {
          ...{ name, user_id: seen.id, store: store.name },
          ...{ created_at: now, due_at: now + pendingMillis },
        });
      });
      await store.put(name, content).catch((error: unknown) => {
        throw storeAway(error, log);
      });
      try {
        return await show(seen, name);
      } catch (error) {
        // Nobody's by now: the account went or changed while it was stored.
        await removeOne({ name, store: store.name });
        throw error;
      }
    },

    /** The account shows none from now on, nor a third party's. Error: `token_expired`. */
    remove: (seen: Owner): Promise<User> => show(seen, ""),

    read: createReadPicture(deps),

    sweep,
  };
}

/** What one change leaves behind, and what an earlier one did. */
const sweptAtOnce = 10;
