import type { Db } from "../engines/database/database.ts";
import { findExtraFields, storeExtraFields } from "./extra-field-store.ts";

/**
 * What hangs on a record and moves where one account goes into another: agreements, choices, what was said of the age, and the fields
 * that the site declares. Promise: what the kept account has said or has stays as it is; of the other only what the kept one lacks
 * moves, with its version and its time, so that a consent stays what was agreed to and a withdrawal is never undone by another account.
 */
export interface OwnRows {
  /** `<document> <version>` */
  readonly consents: readonly string[];
  /** Purposes. */
  readonly choices: readonly string[];
  readonly age: boolean;
  /** Names of the declared fields that have a value. */
  readonly fields: readonly string[];
}

interface Pair {
  readonly kept: number;
  readonly joined: number;
}

/** What of the other's moves. */
export async function planRows(from: Db, { kept, joined }: Pair): Promise<OwnRows> {
  const [own, others] = [await rowsOf(from, kept), await rowsOf(from, joined)];
  const lacks = (what: "consents" | "choices" | "fields") =>
    others[what].filter((one) => !own[what].includes(one)).toSorted();
  return {
    ...{ consents: lacks("consents"), choices: lacks("choices"), fields: lacks("fields") },
    age: others.age && !own.age,
  };
}

async function rowsOf({ kysely }: Db, id: number): Promise<OwnRows> {
  const consents = await kysely
    .selectFrom("consents")
    .select(["document", "version"])
    .where("user_id", "=", id)
    .execute();
  const choices = await kysely
    .selectFrom("consent_choices")
    .select("purpose")
    .distinct()
    .where("user_id", "=", id)
    .execute();
  const ages = await kysely
    .selectFrom("age_declarations")
    .select("declared")
    .where("user_id", "=", id)
    .limit(1)
    .execute();
  const row = await kysely
    .selectFrom("extra_fields")
    .select("fields")
    .where("user_id", "=", id)
    .executeTakeFirst();
  const fields = Object.entries(row === undefined ? {} : (JSON.parse(row.fields) as object));
  return {
    consents: consents.map(({ document, version }) => `${document} ${version}`),
    choices: choices.map(({ purpose }) => purpose),
    age: ages.length > 0,
    fields: fields.filter(([, value]) => value !== null).map(([name]) => name),
  };
}

/** Moves what `planRows` says, in the caller's transaction, which has locked both accounts. `now` in epoch milliseconds. */
export async function moveRows(
  transaction: Db,
  { kept, joined }: Pair,
  { consents, choices, age, fields }: OwnRows,
  now: number,
): Promise<void> {
  const { kysely } = transaction;
  for (const one of consents) {
    const [document, ...version] = one.split(" ");
    await kysely
      .updateTable("consents")
      .set({ user_id: kept })
      .where("user_id", "=", joined)
      .where("document", "=", document as "terms")
      .where("version", "=", version.join(" "))
      .execute();
  }
  if (choices.length > 0) {
    await kysely
      .updateTable("consent_choices")
      .set({ user_id: kept })
      .where("user_id", "=", joined)
      .where("purpose", "in", choices as readonly "marketing"[])
      .execute();
  }
  if (age) {
    await kysely
      .updateTable("age_declarations")
      .set({ user_id: kept })
      .where("user_id", "=", joined)
      .execute();
  }
  // Of staff about the person: nobody sheds them by joining.
  await kysely.updateTable("user_notes").set({ user_id: kept }).where("user_id", "=", joined).execute();
  if (fields.length > 0) {
    const [own, others] = [
      await findExtraFields(transaction, kept),
      await findExtraFields(transaction, joined),
    ];
    const moved = Object.fromEntries(fields.map((name) => [name, others[name]]));
    await storeExtraFields(transaction, kept, { ...own, ...moved }, now);
  }
}
