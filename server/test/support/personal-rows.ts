import type { Kysely } from "kysely";
import type { Tables } from "../../src/engines/database/tables.ts";

/** What somebody agreed to, and said of their age; and their picture. */
export async function seedConsents(kysely: Kysely<Tables>, user_id: number, now: number): Promise<void> {
  await kysely
    .insertInto("avatars")
    .values({ name: `face-${user_id}`, user_id, store: "database", created_at: now, due_at: null })
    .execute();
  await kysely
    .insertInto("consents")
    .values({ user_id, document: "privacy", version: "v2", agreed_at: now })
    .execute();
  await kysely
    .insertInto("consent_choices")
    .values({ user_id, purpose: "marketing", version: "m3", given: 1, chosen_at: now })
    .execute();
  await kysely
    .insertInto("age_declarations")
    .values({
      user_id,
      declared: "guardian_agrees",
      guardian_contact: "parent@example.com",
      declared_at: now,
    })
    .execute();
}

/** What other services were told of the account, and that one asks to wait with its erasure. */
export async function seedServices(kysely: Kysely<Tables>, user_id: number, now: number): Promise<void> {
  const hold = { service: "orders", reason: "An open order.", held_at: now, held_until: now + 86_400_000 };
  await kysely
    .insertInto("deletion_holds")
    .values({ user_id, ...hold })
    .execute();
  const { id: endpoint_id } = await kysely
    .insertInto("webhook_endpoints")
    .values({
      ...{ url: "https://shop.example/hook", events: "user.deleted", state: "off", sealed: "sealed" },
      ...{ created_at: now, updated_at: now, paused_until: 0 },
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await kysely
    .insertInto("webhook_deliveries")
    .values({
      ...{ endpoint_id, message_id: `msg_${user_id}`, type: "user.created", user_id, body: "{}" },
      ...{ state: "delivered", attempts: 1, due_at: now, created_at: now, finished_at: now },
    })
    .execute();
}

/** What staff did about the account, and it to others. */
export async function seedByStaff(kysely: Kysely<Tables>, user_id: number, now: number): Promise<void> {
  const by = "user#9";
  await kysely
    .insertInto("disablings")
    .values({ user_id, reason: "ticket 17", disabled_by: by, disabled_at: now, ends_at: now + 1 })
    .execute();
  await kysely
    .insertInto("user_notes")
    .values({ id: `note-${user_id}`, user_id, author: by, text: "calls on Mondays", created_at: now })
    .execute();
  const run_id = `run-${user_id}`;
  await kysely
    .insertInto("bulk_runs")
    .values({
      ...{ id: run_id, actor_id: user_id, actor: `user#${user_id}`, action: "enable", reason: "ticket 18" },
      ...{ group_id: null, total: 1, started_at: now, finished_at: null },
    })
    .execute();
  await kysely.insertInto("bulk_run_accounts").values({ run_id, user_id, outcome: "done" }).execute();
}
