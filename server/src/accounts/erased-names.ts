import { type Db, statement } from "../engines/database/database.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { nameKeys } from "../kernel/name-key.ts";

/**
 * Names of erased accounts, held as digests under a key of SECRET_KEY: nobody else gets one while a token, an order or a mail
 * still speaks of who had it, and nobody reads from the table whose it was (attack: a stolen database from which the numbers
 * of the deleted are guessed one after another; guard: deletion.test.ts). A row goes with NAME_HOLD_DAYS as a held name does.
 */
interface Row {
  digest: string;
  given_up_at: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    erased_names: Row;
  }
}

const insert = statement("erased_names.insert", (db, values: { digest: string; now: number }) =>
  db
    .insertInto("erased_names")
    .values({ digest: values.digest, given_up_at: values.now })
    .onConflict((conflict) => conflict.column("digest").doUpdateSet({ given_up_at: values.now }))
    .returning("digest"),
);

const find = statement("erased_names.find", (db, values: { digest: string }) =>
  db.selectFrom("erased_names").select("digest").where("digest", "=", values.digest),
);

const any = statement("erased_names.any", (db, _values: Record<never, never>) =>
  db.selectFrom("erased_names").select("digest").limit(1),
);

const digestsAtOnce = 500;

const free = statement("erased_names.free", (db, values: { digest: string }) =>
  db.deleteFrom("erased_names").where("digest", "=", values.digest).returning("digest"),
);

const purge = statement("erased_names.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("erased_names")
    .where("digest", "in", (old) =>
      old
        .selectFrom("erased_names")
        .select("digest")
        .where("given_up_at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("digest"),
);

export type ErasedNames = ReturnType<typeof createErasedNames>;

export function createErasedNames(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "erased name");
  const digestOf = (key: Buffer, name: string) => hmac(key, name).toString("base64url");

  return {
    /** Holds the keys of names (kernel/name-key.ts). `now` in epoch milliseconds. */
    async hold(transaction: Db, held: Iterable<string>, now: number): Promise<void> {
      for (const name of new Set(held)) {
        await transaction.first(insert, { digest: digestOf(keys[0], name), now });
      }
    },

    /** What stands for a name's key, under each SECRET_KEY. */
    digestsOf: (nameKey: string): string[] => keys.map((key) => digestOf(key, nameKey)),

    /** Whether the name was an erased account's a while ago. */
    async has(db: Db, name: string): Promise<boolean> {
      for (const one of nameKeys(name)) {
        for (const key of keys) {
          if ((await db.first(find, { digest: digestOf(key, one) })) !== null) return true;
        }
      }
      return false;
    },

    /** Of many keys of names, those that were an erased account's a while ago. No digest is made where none is held at all. */
    async among(db: Db, nameKeys: readonly string[]): Promise<ReadonlySet<string>> {
      const found = new Set<string>();
      if (nameKeys.length === 0 || (await db.first(any, {})) === null) return found;
      const byDigest = new Map(
        nameKeys.flatMap((name) => keys.map((key): [string, string] => [digestOf(key, name), name])),
      );
      const digests = [...byDigest.keys()];
      for (let start = 0; start < digests.length; start += digestsAtOnce) {
        const part = digests.slice(start, start + digestsAtOnce);
        const query = db.kysely.selectFrom("erased_names").select("digest").where("digest", "in", part);
        for (const { digest } of await query.execute()) found.add(byDigest.get(digest)!);
      }
      return found;
    },

    /** Holds the name no longer, for nobody but who is about to claim it. */
    async free(transaction: Db, name: string): Promise<void> {
      for (const one of nameKeys(name)) {
        for (const key of keys) await transaction.first(free, { digest: digestOf(key, one) });
      }
    },

    /** Sets up to `limit` names free that were given up until `before` (epoch milliseconds); returns how many. */
    purge: async (db: Db, before: number, limit: number): Promise<number> =>
      (await db.all(purge, { before, limit })).length,
  };
}
