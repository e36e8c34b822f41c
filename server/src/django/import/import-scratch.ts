import type { StatementSync } from "node:sqlite";
import { nameKey } from "../../kernel/name-key.ts";
import { openScratchDatabase } from "../sources/scratch-database.ts";

/**
 * Which log-in names collide within a source, found on disk and not in memory: a million accounts have three
 * million names. A first pass over the users fills it; `settle` decides; the second pass asks it.
 *
 * Who gets a contested name: a user name beats an address or number, because it was unique in the original and
 * the address's owner can still log in by their own user name; between user names that differ only by case,
 * the older account; between addresses or numbers nobody, as nobody has proved that it is theirs.
 */
export interface NameLoss {
  readonly userId: number;
  readonly kind: NameKind;
  readonly why: "username" | "older_username" | "shared";
  /** The other account (the lowest id of them). */
  readonly otherId: number;
}

export type NameKind = "username" | "email" | "mobile";

export interface ImportScratch {
  addNames(userId: number, names: { username: string; email: string | null; mobile: string | null }): void;
  /** To be called in the order in which the bindings were made: the first of each third-party account stays. */
  addBinding(provider: string, openid: string, binding: { table: string; id: number; userId: number }): void;
  firstBinding(provider: string, openid: string): { table: string; id: number; userId: number };
  settle(): void;
  /** Imported accounts that the source has no longer. */
  addDeleted(userId: number): void;
  countDeleted(): number;
  /** Above `after`, at most a thousand. */
  deleted(after: number): number[];
  /** Contested names which these accounts don't get, for ids in [from, to]. */
  losses(from: number, to: number): NameLoss[];
  /** Names in [from, to] that equal another account's without accents. */
  accentTwins(from: number, to: number): { userId: number; kind: NameKind; otherId: number }[];
  close(): void;
}

const kinds: readonly NameKind[] = ["username", "email", "mobile"];

export function openScratch(): ImportScratch {
  const { database, close } = openScratchDatabase();
  // 16 MB of page cache keep the index builds off the disk.
  database.exec("pragma cache_size = -16384");
  database.exec(`
    create table names (key text not null, kind integer not null, user_id integer not null, bare text);
    create table bindings (provider text, openid text, source text, id integer, user_id integer, primary key (provider, openid)) without rowid;
    create table deleted (user_id integer primary key);
    begin;
  `);
  const insertName = database.prepare("insert into names values (?, ?, ?, ?)");
  const insertBinding = database.prepare("insert or ignore into bindings values (?, ?, ?, ?, ?)");
  const bindingOwner = database.prepare(
    "select source, id, user_id from bindings where provider = ? and openid = ?",
  );
  const insertDeleted = database.prepare("insert or ignore into deleted values (?)");
  const selectDeleted = database.prepare(
    "select user_id from deleted where user_id > ? order by user_id limit 1000",
  );
  let selectLosses: StatementSync | null = null;
  let selectTwins: StatementSync | null = null;

  return {
    addNames(userId, names) {
      for (let kind = 0; kind < kinds.length; kind++) {
        const name = names[kinds[kind]!];
        if (name === null) continue;
        const key = nameKey(name);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range, where there are no accents
        const bare = /^[\x00-\x7f]*$/.test(key) ? null : withoutAccents(key);
        insertName.run(key, kind, userId, bare === key ? null : bare);
      }
    },

    addBinding(provider, openid, { table, id, userId }) {
      insertBinding.run(provider, openid, table, id, userId);
    },

    firstBinding(provider, openid) {
      const row = bindingOwner.get(provider, openid) as { source: string; id: number; user_id: number };
      return { table: row.source, id: row.id, userId: row.user_id };
    },

    settle() {
      database.exec(`
        create index names_key on names (key, user_id);
        create table contested as
          select key, min(case when kind = 0 then user_id end) as named, min(user_id) as first
          from names group by key having count(distinct user_id) > 1;
        create index contested_key on contested (key);
        create table losses as
          select n.user_id, n.kind, c.named,
            coalesce(c.named, (select min(o.user_id) from names o where o.key = n.key and o.user_id <> n.user_id)) as other
          from contested c join names n on n.key = c.key
          where c.named is null or n.user_id <> c.named;
        create index losses_user on losses (user_id);
        create index names_bare on names (bare) where bare is not null;
        create table twins as
          select a.user_id, a.kind, min(b.user_id) as other from names a
            join names b on b.key = a.bare and b.user_id <> a.user_id and b.kind = a.kind
            where a.bare is not null group by a.user_id, a.kind
          union
          select a.user_id, a.kind, min(b.user_id) from names a
            join names b on b.bare = a.bare and b.key <> a.key and b.user_id <> a.user_id and b.kind = a.kind
            where a.bare is not null and b.bare is not null group by a.user_id, a.kind;
        create index twins_user on twins (user_id);
      `);
      selectLosses = database.prepare(
        "select * from losses where user_id between ? and ? order by user_id, kind",
      );
      selectTwins = database.prepare(
        "select user_id, kind, min(other) as other from twins where user_id between ? and ? group by user_id, kind",
      );
    },

    addDeleted: (userId) => void insertDeleted.run(userId),
    countDeleted: () => (database.prepare("select count(*) as n from deleted").get() as { n: number }).n,
    deleted: (after) => (selectDeleted.all(after) as { user_id: number }[]).map(({ user_id }) => user_id),

    losses(from, to) {
      const rows = selectLosses!.all(from, to) as {
        user_id: number;
        kind: number;
        named: number | null;
        other: number;
      }[];
      return rows.map(({ user_id, kind, named, other }) => ({
        userId: user_id,
        kind: kinds[kind]!,
        why: named === null ? "shared" : kind === 0 ? "older_username" : "username",
        otherId: other,
      }));
    },

    accentTwins(from, to) {
      const rows = selectTwins!.all(from, to) as { user_id: number; kind: number; other: number }[];
      return rows.map(({ user_id, kind, other }) => ({
        userId: user_id,
        kind: kinds[kind]!,
        otherId: other,
      }));
    },

    close,
  };
}

/** As MySQL's utf8_general_ci compares: letters without their marks. */
function withoutAccents(key: string): string {
  return key.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC");
}
