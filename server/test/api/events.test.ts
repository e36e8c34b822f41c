import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { securityNoticeJob } from "../../src/accounts/user-jobs.ts";
import { eventNames, eventOfAction, eventOfNotice } from "../../src/events/event-names.ts";
import { rightsNoticeJob } from "../../src/rights/rights-notice-job.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Every mail to an owner and every act upon an account has its event; from one change one line of the log follows. */
let lines: Record<string, unknown>[] = [];
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ logTo: { write: (line) => void lines.push(JSON.parse(line)) } });
});
afterAll(() => test.close());

it("every kind of mail to an owner means an event, but for what a deletion's entry says already", () => {
  const kinds = [securityNoticeJob, rightsNoticeJob].flatMap(
    ({ payload }) => (payload.properties.kind as unknown as { enum: readonly string[] }).enum,
  );
  expect(kinds.length).toBeGreaterThan(20);
  const byEntry = ["deletion_asked", "deletion_cancelled"];
  expect(kinds.filter((kind) => eventOfNotice(kind) === null)).toEqual(byEntry);
});

it("every action upon an account in the audit log means one", () => {
  const folder = join(import.meta.dirname, "../../src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const actions = sources.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/"((?:user|session)\.[a-z-]+)"/g)].map(
      ([, one]) => one!,
    ),
  );
  const acts = [...new Set(actions)].filter((one) => !eventNames.includes(one as never));
  expect(acts.length).toBeGreaterThan(12);
  // A mail that leads to a new password changes none. What an account's making means is told where it is made; looking at it and exporting it change nothing.
  const means = new Set([
    "user.create",
    "user.password-reset",
    "user.consent-at-sign-up",
    // Told with the account that stays.
    "user.joined-away",
    ...acts.filter((one) => /reveal|look-as|export|seed|import/.test(one)),
  ]);
  expect(acts.filter((one) => !means.has(one) && eventOfAction(one) === null)).toEqual([]);
});

it("a change that writes a mail and an entry is one event, with one line of the log, by ids alone", async () => {
  const { id, token } = await makePerson(test, "python01", { email: "python01@example.com" });
  lines = [];
  const payload = { current_password: "12345678aA", username: "python02" };
  const answer = await test.as(token)({ method: "PUT", url: "/user/username/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  const told = lines.filter(({ msg }) => msg === "event");
  expect(told.map(({ event, userId }) => [event, userId])).toEqual([
    ["user.updated", id],
    ["user.login_names_changed", id],
  ]);
  expect(JSON.stringify(told)).not.toMatch(/python0|example/);
});

it("the same change made twice is two events: what one transaction told is no matter of the next", async () => {
  const { id, token } = await makePerson(test, "python03");
  lines = [];
  for (const first_name of ["一", "二", "三"]) {
    const answer = await test.as(token)({ method: "PATCH", url: "/user/", payload: { first_name } });
    expect(answer.statusCode, answer.body).toBe(200);
  }
  const told = lines.filter(({ msg }) => msg === "event").map(({ event, userId }) => [event, userId]);
  expect(told).toEqual([1, 2, 3].map(() => ["user.updated", id]));
});
