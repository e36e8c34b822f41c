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
