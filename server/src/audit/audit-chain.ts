import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomBytesOf } from "../kernel/ids.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { beginMark, lockMark, peekMark, setMark } from "./audit-marks.ts";
import { readChainStart } from "./chain-beginning.ts";
import {
  type EntryRow,
  hashOfForm,
  isActorErased,
  isTargetErased,
  macOfActor,
  macOfTarget,
  nextHash,
  subjectOfActor,
  subjectOfTarget,
} from "./chain-entry.ts";
import { type ChainHead, chainHead, type RefusedHead } from "./chain-head.ts";
import { type AuditLink, chainKeys, signatureOf } from "./chain-link.ts";
import { settledEntries } from "./entry-export.ts";
import { erasedSubjects } from "./named-accounts.ts";

/**
 * AUDIT_CHAIN: a link behind each entry, made over the one before, so that what was changed, taken out or put in between afterwards
 * is seen by `manage verify-audit`. Attack: somebody who can write to the database, without SECRET_KEY, removes traces. The last
 * link of every pass is signed under SECRET_KEY, and a pass goes on from nothing else (chain-head.ts), so the server signs no chain that
 * somebody put in its place while it runs. One that was cut off or begun anew while it was down is seen by whoever noted an
 * earlier head, which the log has once an hour (guards: audit-chain.test.ts, audit-chain-forged.test.ts; of two processes at once:
 * audit-chain.race.test.ts).
 */
/** So many links of one pass, of which the last is signed. */
export const pageSize = 200;
const markName = "chain" as const;
/** Less than a statement of others may take (engines/database/postgres.ts). */
const longestWaitMillis = 800;
/** How often the log is told of a chain that is refused, and of its head. */
const tellEveryMillis = 3_600_000;

/**
 * Waits for a pass that is under way and keeps the next one out, to the transaction's end: whoever takes a person out of the log
 * must not have their key made anew beside it.
 */
export async function holdChain(transaction: Db): Promise<void> {
  await lockMark(transaction, markName);
}

/**
 * For who writes entries anew. On PostgreSQL nobody else writes an entry meanwhile either: a new number with a time of long ago is settled
 * at once (entry-export.ts), and a lower one that becomes visible later would be passed by (guard: audit-chain.race.test.ts). It gives up
 * before those who wait behind it do, and whoever asked tries again: a transaction that makes many accounts is in the log for minutes.
 * Error: `unavailable`.
 */
export async function holdLog(transaction: Db): Promise<void> {
  await holdChain(transaction);
  if (transaction.engine === "postgres") {
    await sql`set local lock_timeout = ${sql.lit(longestWaitMillis)}`.execute(transaction.kysely);
    await sql`lock table audit_entries in share row exclusive mode`.execute(transaction.kysely);
  }
}

/** The persons' keys: after it nothing that the chain holds can be tried against a guess of their values. */
export async function forgetChainKeys(transaction: Db, subjects: readonly string[]): Promise<void> {
  if (subjects.length === 0) return;
  await transaction.kysely.deleteFrom("audit_keys").where("subject", "in", subjects).execute();
}

export interface ChainDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "error">;
  readonly secretKeys: SecretKeys;
}

/** What the log is told of the chain, each once an hour. */
function chainTelling({ clock, log }: Pick<ChainDeps, "clock" | "log">) {
  const toldAt = { head: Number.NEGATIVE_INFINITY, refused: Number.NEGATIVE_INFINITY };
  const isTime = (what: keyof typeof toldAt) => {
    if (clock.now() - toldAt[what] < tellEveryMillis) return false;
    toldAt[what] = clock.now();
    return true;
  };
  return {
    head({ entryId, hash }: ChainHead): void {
      // Where logs are collected it is out of reach of whoever has the database.
      if (isTime("head")) log.info({ head: `${entryId}:${hash}` }, "the head of the audit log's chain");
    },
    refused({ trouble, entryId }: RefusedHead): void {
      if (!isTime("refused")) return;
      log.error(
        { alarm: "audit_chain", trouble, entryId },
        "the audit log's chain is not as it was signed: nothing is linked on to it (docs/audit.md)",
      );
    },
  };
}

export function createAuditChain({ db, clock, log, secretKeys }: ChainDeps) {
  const [signingKey] = chainKeys(secretKeys);
  /** The last head that this process signed or met: outside the database, it has to stay where it was. */
  let seen: ChainHead | null = null;
  /** The last beginning that it met, by its entry. */
  let begun = 0;
  const tell = chainTelling({ clock, log });

  return {
    /** The first time from the oldest entry on, later from where it stopped, which this process remembers from here on. */
    async begin(): Promise<void> {
      await beginMark(db, markName);
      await db.transaction(async (transaction) => {
        const mark = (await lockMark(transaction, markName)) ?? 0;
        await meetBeginning(transaction);
        const from = await chainHead(transaction, { mark, secretKeys, seen });
        if ("trouble" in from) tell.refused(from);
        else if (mark > 0) seen = { entryId: mark, hash: from.hash };
      });
    },

    /** Links all that is new; nothing, and an error in the log, where what it would go on from is not what this system signed. */
    async linkAll(): Promise<void> {
      const mark = await peekMark(db, markName);
      if (mark === null) return;
      const newer = await settledEntries(db, { after: mark, limit: 1, now: clock.now() });
      if (newer.length === 0) return;
      while ((await linkSome()) === pageSize);
      if (seen !== null) tell.head(seen);
    },
  };

  /** Where an operator began it anew since, what was seen of the one before holds no more. One of before is no reason. */
  async function meetBeginning(transaction: Db): Promise<void> {
    const start = await readChainStart(transaction, secretKeys);
    if (!start.isSigned || start.entryId <= begun) return;
    begun = start.entryId;
    seen = null;
  }

  /** Up to a page; returns how many, fewer at the end. */
  async function linkSome(): Promise<number> {
    const made = await db.transaction(async (transaction) => {
      const last = await lockMark(transaction, markName);
      if (last === null) return null;
      const entries = await settledEntries(transaction, { after: last, limit: pageSize, now: clock.now() });
      if (entries.length === 0) return null;
      await meetBeginning(transaction);
      const from = await chainHead(transaction, { mark: last, secretKeys, seen });
      if ("trouble" in from) {
        tell.refused(from);
        return null;
      }
      const keys = await keysFor(transaction, entries);
      let { hash } = from;
      const links = entries.map((entry): AuditLink => {
        const part = partsOf(entry, keys);
        hash = nextHash(hash, part);
        return { ...part, entry_id: entry.id, hash, signature: null, purged_at: null, purge_signature: null };
      });
      const head = links.at(-1)!;
      links[links.length - 1] = { ...head, signature: signatureOf(signingKey, head) };
      await transaction.kysely.insertInto("audit_links").values(links).execute();
      await setMark(transaction, markName, head.entry_id);
      return { links: links.length, head: { entryId: head.entry_id, hash: head.hash } };
    });
    if (made === null) return 0;
    // After the commit: what was undone was never a head.
    seen = made.head;
    return made.links;
  }
}

function partsOf(entry: EntryRow, keys: ReadonlyMap<string, Buffer>) {
  const [actor, target] = [subjectOfActor(entry), subjectOfTarget(entry)];
  const [actorKey, targetKey] = [actor, target].map((subject) =>
    subject === null ? undefined : keys.get(subject),
  );
  return {
    entry_hash: hashOfForm(entry),
    actor_mac: actorKey === undefined || isActorErased(entry) ? null : macOfActor(actorKey, entry),
    target_mac: targetKey === undefined || isTargetErased(entry) ? null : macOfTarget(targetKey, entry),
  };
}

/** Those that are there, and new ones for whom nobody has erased. */
async function keysFor(transaction: Db, entries: readonly EntryRow[]): Promise<ReadonlyMap<string, Buffer>> {
  const wanted = new Set<string>();
  for (const entry of entries) {
    const [actor, target] = [subjectOfActor(entry), subjectOfTarget(entry)];
    if (actor !== null && !isActorErased(entry)) wanted.add(actor);
    if (target !== null && !isTargetErased(entry)) wanted.add(target);
  }
  const keys = await readChainKeys(transaction, [...wanted]);
  const lacking = [...wanted].filter((subject) => !keys.has(subject));
  const gone = await erasedSubjects(transaction, lacking);
  const made = lacking
    .filter((subject) => !gone.has(subject))
    .map((subject) => ({ subject, mac_key: randomBytesOf(32).toString("base64url") }));
  if (made.length > 0) await transaction.kysely.insertInto("audit_keys").values(made).execute();
  for (const { subject, mac_key } of made) keys.set(subject, Buffer.from(mac_key, "base64url"));
  return keys;
}

/** The persons' keys that there are. */
export async function readChainKeys(db: Db, subjects: readonly string[]): Promise<Map<string, Buffer>> {
  if (subjects.length === 0) return new Map();
  const rows = await db.kysely
    .selectFrom("audit_keys")
    .selectAll()
    .where("subject", "in", subjects)
    .execute();
  return new Map(rows.map(({ subject, mac_key }) => [subject, Buffer.from(mac_key, "base64url")]));
}
