import type { TestApp } from "./test-app.ts";

/** What other services were told of the account, and that one asks to wait with its erasure. */
export async function seedServices({ app }: TestApp, user_id: number, now: number): Promise<void> {
  const { kysely } = app.db;
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
      ...{ state: "done", attempts: 1, due_at: now, created_at: now, finished_at: now },
    })
    .execute();
}
