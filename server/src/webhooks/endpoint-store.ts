import type { Generated } from "kysely";
import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";

/** The table `webhook_endpoints`. Its secrets are encrypted: endpoint-secret.ts. */
export type EndpointState = "on" | "off" | "gone" | "failing";

export interface EndpointRow {
  readonly id: number;
  readonly url: string;
  /** Apart by blanks; empty: every one that is told unasked. */
  readonly events: string;
  /** `off` by an operator, `gone` after a 410, `failing` after days without a success. */
  readonly state: EndpointState;
  readonly sealed: string;
  /** The secret before, and until when it signs beside the present one. */
  readonly sealed_before: string | null;
  readonly before_until: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly failing_since: number | null;
  readonly paused_until: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    webhook_endpoints: { -readonly [Name in keyof EndpointRow]: EndpointRow[Name] } & {
      id: Generated<number>;
    };
  }
}

export const maxEndpoints = 50;

export async function insertEndpoint(transaction: Db, row: Omit<EndpointRow, "id">): Promise<number> {
  const { id } = await transaction.kysely
    .insertInto("webhook_endpoints")
    .values(row as never)
    .returning("id")
    .executeTakeFirstOrThrow();
  return Number(id);
}

export async function listEndpoints(db: Db): Promise<EndpointRow[]> {
  const rows = await db.kysely
    .selectFrom("webhook_endpoints")
    .selectAll()
    .orderBy("id")
    .limit(maxEndpoints)
    .execute();
  return rows as EndpointRow[];
}

const locked = statement("webhook_endpoints.lock", (db, values: { id: number }) =>
  db
    .updateTable("webhook_endpoints")
    .set({ state: sql<EndpointState>`state` })
    .where("id", "=", values.id)
    .returningAll(),
);

/** Under lock until the transaction ends. */
export async function lockEndpoint(transaction: Db, id: number): Promise<EndpointRow | null> {
  return (await transaction.first(locked, { id })) as EndpointRow | null;
}

export async function findEndpoint(db: Db, id: number): Promise<EndpointRow | null> {
  const row = await db.kysely
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return (row as EndpointRow | undefined) ?? null;
}

export async function writeEndpoint(
  transaction: Db,
  id: number,
  changes: Partial<Omit<EndpointRow, "id">>,
): Promise<void> {
  await transaction.kysely.updateTable("webhook_endpoints").set(changes).where("id", "=", id).execute();
}

/** Its deliveries go with it. */
export async function deleteEndpoint(transaction: Db, id: number): Promise<void> {
  await transaction.kysely.deleteFrom("webhook_endpoints").where("id", "=", id).execute();
}
