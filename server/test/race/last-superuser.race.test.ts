import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Superusers who step each other down at once: one stays, whatever they do and in whatever order. */
let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

const change = (actor: Person, target: Person, payload: object) =>
  server.as(actor.token)({ method: "PATCH", url: `/admin/users/${target.id}/`, payload });

async function activeSuperusers(): Promise<number[]> {
  const rows = await server.app.db.kysely
    .selectFrom("users")
    .select("id")
    .where("is_superuser", "=", 1)
    .where("is_active", "=", 1)
    .execute();
  return rows.map(({ id }) => id);
}

it.each([
  ["demote", { is_superuser: false }],
  ["deactivate", { is_active: false }],
])("%s", async (verb, payload) => {
  for (const size of [2, 2, 2, 3, 5]) {
    await server.app.db.kysely.updateTable("users").set({ is_superuser: 0 }).execute();
    const people: Person[] = [];
    for (let i = 0; i < size; i++) {
      const name = `${verb}${size}x${await countUsers()}`;
      people.push(await makePerson(server, name, { is_superuser: 1 }));
    }
    // In a ring, so that each is stepped down by somebody who may be stepped down just now.
    const answers = await Promise.all(
      people.map((actor, index) => change(actor, people[(index + 1) % size]!, payload)),
    );
    const left = await activeSuperusers();
    expect(left.length).toBeGreaterThanOrEqual(1);
    const done = answers.filter(({ statusCode }) => statusCode === 200).length;
    expect(done).toBe(size - left.length);
    // The rest was refused for a reason, not broken: the last one, or an actor who was none any more.
    const refused = answers.filter(({ statusCode }) => statusCode !== 200);
    for (const answer of refused) expect([400, 401, 403], answer.body).toContain(answer.statusCode);
    if (size === 2) expect(left).toHaveLength(1);
  }
});

async function countUsers(): Promise<number> {
  const all = await server.app.db.kysely.selectFrom("users").select("id").execute();
  return all.length;
}
