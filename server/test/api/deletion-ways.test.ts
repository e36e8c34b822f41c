import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import { waysIn } from "../support/ways-in.ts";

/** An account whose deletion waits, by every way in: nobody gets a session, and the owner keeps it by a step of that log-in. */
let all: ThirdPartyTest;
beforeAll(async () => {
  all = await startThirdPartyTest({ env: { AUTHENTICATORS: "jwt,basic" } });
});
afterAll(() => all.close());

let count = 0;
const post = (url: string, payload: object) => all.test.anonymous({ method: "POST", url, payload });

async function markForDeletion(username: string): Promise<number> {
  const user = await all.test.app.users.byLoginName(username);
  const deletion_due_at = all.test.clock.now() + 86_400_000;
  await all.test.app.db.kysely
    .updateTable("users")
    .set({ deletion_due_at })
    .where("id", "=", user!.id)
    .execute();
  return user!.id;
}
const dueOf = async (id: number) => (await all.test.app.users.byId(id))?.deletion_due_at;
const sessionsOf = async (id: number) =>
  (await all.test.app.db.kysely.selectFrom("sessions").select("id").where("user_id", "=", id).execute())
    .length;

const ofOldAccounts = waysIn(() => all).filter(({ withFactor }) => withFactor !== "new account");

describe.each(ofOldAccounts)("a log-in by $title", ({ how, opensNoSession, withFactor, prepare }) => {
  test(opensNoSession ? "is refused" : "is held up, and goes on for who keeps the account", async () => {
    const username = `leaving${++count}`;
    const last = await prepare(username, { who: "emoji" });
    const id = await markForDeletion(username);
    const before = await sessionsOf(id);
    // Later than whatever the preparation logged in with.
    all.test.clock.advance(60);
    const held = await last();
    expect([held.statusCode, held.json().code], held.body).toEqual([400, "deletion_pending"]);
    expect(held.body).not.toContain('"token"');
    expect(String(held.headers["set-cookie"] ?? "")).not.toContain("meiduo_device=");
    expect([await sessionsOf(id), typeof (await dueOf(id))]).toEqual([before, "number"]);
    if (opensNoSession) return expect(held.json()).not.toHaveProperty("step");
    const kept = await post("/users/deletion/cancel/", { step: held.json().step });
    expect(kept.json(), kept.body).toMatchObject({ username, token: expect.any(String) });
    expect([await dueOf(id), await sessionsOf(id)]).toEqual([null, before + 1]);
    const { factor } = (await all.test.app.db.kysely
      .selectFrom("sessions")
      .select("factor")
      .where("user_id", "=", id)
      .orderBy("created_at", "desc")
      .executeTakeFirst())!;
    // What the way brought with it is not lost on the way.
    if (how === "passkey") expect(factor).toBe("passkey");
    expect(withFactor === "both factors").toBe(how === "passkey");
  });
});

test("behind a second factor the step comes after the code, and remembers it", async () => {
  const username = `leaving${++count}`;
  const { token } = await all.test.signUp({ username, email: `${username}@qq.com` });
  expect(token).not.toBe("");
  const { next } = await switchOnSecondFactor(all.test, username);
  const id = await markForDeletion(username);
  const payload = { username, password: "12345678aA" };
  const first = await post("/users/authorizations/", payload);
  expect(first.json().code).toBe("second_factor_required");
  const second = await post("/users/second-factor/", { step: first.json().step, code: next() });
  expect([second.statusCode, second.json().code]).toEqual([400, "deletion_pending"]);
  const kept = await post("/users/deletion/cancel/", { step: second.json().step });
  expect(kept.statusCode).toBe(200);
  expect(await dueOf(id)).toBeNull();
  const own = await all.test.as(kept.json().token)({ method: "POST", url: "/user/export/" });
  expect(own.statusCode, "the factor counts for step-up").toBe(202);
});
