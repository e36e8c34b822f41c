import { afterAll, beforeAll, expect, it } from "vitest";
import { openArchive } from "../support/archive.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What staff hand to an owner who can't log in. */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const ask = (token: string, id: number, reason = "asked by letter") =>
  site.as(token)({ method: "POST", url: `/admin/users/${id}/archive/`, payload: { reason } });

it("is the owner's own export, in the audit log with its reason before it leaves, and the owner is told", async () => {
  const email = "letters@example.com";
  const owner = await makePerson(site, "letters1", { email });
  const answer = await ask(root.token, owner.id);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers).toMatchObject({
    ...{ "content-type": "application/zip", "cache-control": "no-store" },
    "content-disposition": `attachment; filename="account-${owner.id}.zip"`,
  });
  const { data } = openArchive(answer.rawPayload);
  expect(JSON.stringify(data.tables)).toContain(email);
  expect(JSON.stringify(data.tables)).not.toContain("password_hash");
  const { entries } = await site.app.audit.list({ limit: 1, targetId: owner.id, action: "user.export-made" });
  expect(entries.map(({ actor, after }) => [actor.id, after])).toEqual([
    [root.id, { bytes: answer.rawPayload.length, reason: "asked by letter" }],
  ]);
  await site.runJobs();
  expect(site.mailbox.map(({ to, subject }) => [to, subject])).toContainEqual([
    email,
    expect.stringMatching(/数据|data/),
  ]);
});

it("is of nobody who may do more, and needs a reason", async () => {
  const clerk = await makePerson(site, "clerk001", { is_staff: 1, permissions: ["users.export_user"] });
  const owner = await makePerson(site, "letters2");
  expect((await ask(clerk.token, owner.id)).statusCode).toBe(200);
  const before = await site.app.audit.list({ limit: 1, targetId: root.id, action: "user.export-made" });
  expect((await ask(clerk.token, root.id)).statusCode).toBe(403);
  expect((await ask(root.token, owner.id, "no")).statusCode).toBe(400);
  expect((await ask(root.token, 999_999)).statusCode).toBe(404);
  expect(await site.app.audit.list({ limit: 1, targetId: root.id, action: "user.export-made" })).toEqual(
    before,
  );
});
