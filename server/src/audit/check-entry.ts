import type { Db } from "../engines/database/database.ts";
import { readChainKeys } from "./audit-chain.ts";
import {
  type EntryRow,
  hashOfForm,
  isActorErased,
  isTargetErased,
  macOfActor,
  macOfTarget,
  subjectOfActor,
  subjectOfTarget,
} from "./chain-entry.ts";
import type { AuditLink } from "./chain-link.ts";

/** What an entry says against what was linked of it: for who verifies the log, and for who is about to sign for one. */
export type EntryTrouble =
  /** What is no person's differs from what was linked. */
  | "changed"
  /** A person's name or value differs. */
  | "value_changed"
  /** A person's values were blanked, and the account is still here. */
  | "blanked";

/** What there is of the persons whom entries name. */
export interface Persons {
  readonly keys: ReadonlyMap<string, Buffer>;
  /** `user:<id>` of those whose account is here. */
  readonly here: ReadonlySet<string>;
}

export async function readPersons(db: Db, entries: readonly EntryRow[]): Promise<Persons> {
  const subjects = [
    ...new Set(entries.flatMap((entry) => [subjectOfActor(entry), subjectOfTarget(entry)])),
  ].filter((subject) => subject !== null);
  const ids = subjects.flatMap((subject) => /^user:(\d+)$/.exec(subject)?.[1] ?? []).map(Number);
  const people =
    ids.length === 0 ? [] : await db.kysely.selectFrom("users").select("id").where("id", "in", ids).execute();
  return {
    keys: await readChainKeys(db, subjects),
    here: new Set(people.map(({ id }) => `user:${id}`)),
  };
}

/** `isErased`: it lacks the values of somebody who was erased, which is no trouble. */
export function checkEntry(
  entry: EntryRow,
  link: Pick<AuditLink, "entry_hash" | "actor_mac" | "target_mac">,
  { keys, here }: Persons,
): { readonly troubles: readonly EntryTrouble[]; readonly isErased: boolean } {
  const troubles: EntryTrouble[] = [];
  if (hashOfForm(entry) !== link.entry_hash) troubles.push("changed");
  const parts = [
    [subjectOfActor(entry), link.actor_mac, macOfActor, isActorErased],
    [subjectOfTarget(entry), link.target_mac, macOfTarget, isTargetErased],
  ] as const;
  let isErased = false;
  for (const [subject, mac, macOf, isGone] of parts) {
    if (subject === null) continue;
    const key = keys.get(subject);
    if (key !== undefined && mac !== null) {
      if (macOf(key, entry) !== mac) troubles.push("value_changed");
    } else if (!isGone(entry)) troubles.push("value_changed");
    else if (here.has(subject)) troubles.push("blanked");
    else isErased = true;
  }
  return { troubles, isErased };
}
