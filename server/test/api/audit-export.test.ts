import { afterAll, beforeAll, expect, it } from "vitest";
import { createAudit } from "../../src/audit/audit.ts";
import { createAuditLog } from "../../src/audit/audit-log.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The audit log as it leaves the site: in order, by a cursor, and without anything of a person. */
let test: TestApp;
let root: Person;
beforeAll(async () => {
  test = await startTestApp();
  root = await makePerson(test, "rootuser", { is_superuser: 1, email: "root@example.com" });
});
afterAll(() => test.close());

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
const fetchAfter = async (after: number, limit: number) => {
  const answer = await test.as(root.token)({ url: `/admin/audit/export/?after=${after}&limit=${limit}` });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
    200,
    expect.stringContaining("x-ndjson"),
  ]);
  return linesOf(answer.body);
};
/** Older than any transaction can be. */
const settle = () => test.clock.advance(61);

it("comes by pages from a cursor, oldest first, each entry once, as ids, flags and names of fields", async () => {
  const { id } = await makePerson(test, "python01", { email: "python01@example.com" });
  for (const payload of [{ first_name: "三" }, { is_active: false }, { is_active: true }]) {
    await test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload });
  }
  settle();
  const found = [];
  for (let after = 0; ; ) {
    const page = await fetchAfter(after, 2);
    found.push(...page);
    if (page.length === 0) break;
    after = Number(page.at(-1).event.id);
  }
  const about = found.filter(({ target }) => target.id === id);
  expect(about.map(({ after }) => after)).toEqual([
    { first_name: "(masked)" },
    { is_active: 0 },
    { is_active: 1 },
  ]);
  expect(about[0]).toMatchObject({
    ...{
      event: { kind: "audit", dataset: "meiduo.audit", action: "user.change" },
      target: { kind: "user", id },
    },
    actor: { type: "user", id: root.id, name: null },
  });
  expect(new Set(found.map(({ event }) => event.id)).size).toBe(found.length);
  expect(JSON.stringify(found)).not.toMatch(/python01|rootuser|example\.com|三/);
});

it("AUDIT_LOG begins where it was switched on, writes each once, and goes on where it stopped", async () => {
  const { db } = test.app;
  const audit = createAudit({ db, clock: test.clock });
  const record = (n: number) =>
    audit.record(
      db,
      { id: null, name: "service:orders", requestId: null },
      {
        action: "system.test",
        targetKind: "system",
        targetId: n,
        target: "secret@example.com",
        before: {},
        after: { n },
      },
    );
  const written: string[] = [];
  const log = () => createAuditLog({ db, clock: test.clock, write: (line) => void written.push(line) });
  await record(1);
  await log().begin();
  for (let n = 2; n <= 205; n++) await record(n);
  settle();
  // Of two processes at once one has the lock; what the other finds is written already.
  await Promise.all([log().writeAll(), log().writeAll()]);
  await log().begin();
  await log().writeAll();
  expect(written.map((line) => JSON.parse(line).target.id)).toEqual(
    Array.from({ length: 204 }, (_, at) => at + 2),
  );
  expect(JSON.parse(written[0]!)).toMatchObject({
    actor: { type: "service", name: "orders" },
    after: { n: "(masked)" },
  });
  expect(written.join()).not.toContain("example.com");
});
