import type { TestApp } from "./test-app.ts";

/** What somebody agreed to, and said of their age: a row of each. */
export async function seedConsents({ app }: TestApp, user_id: number): Promise<void> {
  const { kysely } = app.db;
  const version = "1";
  await kysely.insertInto("consents").values({ user_id, document: "terms", version, agreed_at: 1 }).execute();
  await kysely
    .insertInto("consent_choices")
    .values({ user_id, purpose: "marketing", version, given: 1, chosen_at: 1 })
    .execute();
  const age = { declared: "guardian_agrees" as const, guardian_contact: "parent@example.com" };
  await kysely
    .insertInto("age_declarations")
    .values({ user_id, ...age, declared_at: 1 })
    .execute();
}
