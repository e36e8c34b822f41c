import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import type { AuditEntriesTable } from "../engines/database/tables.ts";
import { hmac } from "../kernel/keys.ts";
import { pseudonymOf, withoutValues } from "./without-values.ts";

/**
 * What of an entry goes into the chain. Two parts: its form, in which nothing is a person's, by SHA-256; and what is a person's, by
 * an HMAC under that person's key, which goes with the person. So an erasure changes no hash, and what it leaves tells nothing of
 * the values that were there.
 */
export type EntryRow = Selectable<AuditEntriesTable>;

/** Whose values they are: an account's, or, where an entry names somebody who has none, of the entry itself. */
export const subjectOfActor = ({ actor_id }: EntryRow): string | null =>
  actor_id === null ? null : `user:${actor_id}`;

export function subjectOfTarget({ id, target_kind, target_id }: EntryRow): string | null {
  if (target_kind === "user") return `user:${target_id}`;
  return target_kind === "invitation" ? `entry:${id}` : null;
}

/** SHA-256 of the form, as base64url. Of an entry and of what an erasure leaves of it the same. */
export function hashOfForm(entry: EntryRow): string {
  const named = subjectOfTarget(entry) !== null;
  const form = [
    ...[String(entry.id), String(entry.at), String(entry.actor_id ?? "")],
    ...[entry.actor_id === null ? entry.actor : "", entry.action, entry.target_kind, String(entry.target_id)],
    named ? "" : entry.target,
    ...(named
      ? [withoutValues(entry.before), withoutValues(entry.after)]
      : [JSON.stringify(JSON.parse(entry.before)), JSON.stringify(JSON.parse(entry.after))]),
    entry.request_id ?? "",
    // Behind the rest, and only where there is one: entries of before keep their hashes.
    ...(entry.on_behalf_of === null ? [] : [String(entry.on_behalf_of)]),
  ];
  return sha256(JSON.stringify(form));
}

export const macOfActor = (key: Buffer, entry: EntryRow): string =>
  hmac(key, "actor", String(entry.id), entry.actor).toString("base64url");

export const macOfTarget = (key: Buffer, entry: EntryRow): string =>
  hmac(key, "target", String(entry.id), entry.target, entry.before, entry.after).toString("base64url");

/** Whether the actor's name is what an erasure leaves. */
export const isActorErased = ({ actor, actor_id }: EntryRow): boolean =>
  actor_id !== null && actor === pseudonymOf(actor_id);

/** Whether the target's name and values are what an erasure leaves. An invitation doesn't say whose it was. */
export function isTargetErased({ target, target_kind, target_id, before, after }: EntryRow): boolean {
  const isPseudonym = target_kind === "user" ? target === pseudonymOf(target_id) : /^user#\d+$/.test(target);
  return isPseudonym && before === withoutValues(before) && after === withoutValues(after);
}

/** The next hash of the chain: SHA-256 of the one before, the form and the two HMACs. */
export const nextHash = (
  before: string,
  link: {
    readonly entry_hash: string;
    readonly actor_mac: string | null;
    readonly target_mac: string | null;
  },
): string => sha256(JSON.stringify([before, link.entry_hash, link.actor_mac, link.target_mac]));

/** As base64url. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");
