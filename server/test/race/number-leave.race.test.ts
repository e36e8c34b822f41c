import { afterAll, beforeAll, expect, it } from "vitest";
import { type Leaver, leaveUrl, makeLeaver } from "../support/number-leave.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: a request to leave a number is asked for once, and ends once, as one thing. */
const week = 7 * 86_400;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  const env = { CODE_SIGN_IN: "sms", SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" };
  test = await startTestApp({ env });
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const row = (one: Leaver) => test.app.users.byId(one.id);
const sweeps = () => Promise.all([test, second].map(({ app }) => app.maintenance.run()));
const actions = async (one: Leaver) =>
  (
    await test.app.db.kysely
      .selectFrom("audit_entries")
      .select("action")
      .where("target_id", "=", one.id)
      .where("action", "like", "user.number%")
      .execute()
  )
    .map(({ action }) => action)
    .sort();

/** Whose request is due, and not yet seen to. */
async function due(username: string): Promise<Leaver> {
  const one = await makeLeaver(test, username);
  expect((await one.leave("POST", await one.mailedProof())).statusCode).toBe(200);
  await test.runJobs();
  test.clock.advance(week);
  return one;
}

it("asked for 20 times at once: one request, one SMS to the number", async () => {
  const one = await makeLeaver(test, "python01");
  const proofs: string[] = [];
  for (let i = 0; i < 4; i++) proofs.push(await one.mailedProof());
  const answers = await Promise.all(
    proofs.map((proof, i) =>
      (i % 2 === 0 ? test : second).as(one.token)({
        method: "POST",
        url: leaveUrl,
        headers: { "x-meiduo-proof": proof },
      }),
    ),
  );
  expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
  expect(answers[0]!.statusCode).toBe(200);
  const rows = test.app.db.kysely.selectFrom("number_leaves").selectAll().where("user_id", "=", one.id);
  expect(await rows.execute()).toHaveLength(1);
  await test.runJobs();
  const sms = test.smsBox.filter(({ to, purpose }) => to === one.mobile && purpose === "leaveMobile");
  expect(sms).toHaveLength(1);
  expect(await actions(one)).toEqual(["user.number-leave-asked"]);
});

it("one proof asks once, however often it is shown at once", async () => {
  const one = await makeLeaver(test, "python02");
  const proof = await one.mailedProof();
  const answers = await Promise.all(Array.from({ length: 10 }, () => one.leave("POST", proof)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(9).fill(403)]);
});

it.each(Array.from({ length: 6 }, (_, turn) => turn))(
  "due and cancelled at once, turn %i: the number went, or it stays, and the audit log says which",
  async (turn) => {
    const one = await due(`racer${turn}`);
    const cancel = () => test.as(one.token)({ method: "DELETE", url: leaveUrl });
    const calls = turn % 2 === 0 ? [sweeps, cancel] : [cancel, sweeps];
    await Promise.all(calls.map((call) => call()));
    const isGone = (await row(one))!.mobile === null;
    expect(await actions(one)).toEqual(
      isGone
        ? ["user.number-leave-asked", "user.number-left"]
        : ["user.number-leave-asked", "user.number-leave-cancelled"],
    );
  },
);

it.each(Array.from({ length: 6 }, (_, turn) => turn))(
  "due and the number proved at once, turn %i: whoever was in by it keeps it",
  async (turn) => {
    const one = await due(`prover${turn}`);
    const sms_code = await test.smsCodeFor(one.mobile, undefined, "signIn");
    const logIn = () =>
      second.anonymous({
        ...{ method: "POST", url: "/users/codes/sign-in/", payload: { mobile: one.mobile, sms_code } },
      });
    const [entered] = await Promise.all([logIn(), sweeps()]);
    const after = (await row(one))!;
    // Behind the removal the number is nobody's, and its code opens nothing.
    expect(after.mobile).toBe(entered!.statusCode === 200 ? one.mobile : null);
    await sweeps();
    expect((await row(one))!.mobile).toBe(after.mobile);
  },
);

it("due and the account erased at once: nothing of it stays", async () => {
  const one = await due("python03");
  const { kysely } = test.app.db;
  await kysely
    .updateTable("users")
    .set({ deletion_due_at: test.clock.now() - 1 })
    .where("id", "=", one.id)
    .execute();
  await Promise.all([sweeps(), test.runJobs(), second.runJobs()]);
  await sweeps();
  await test.runJobs();
  expect(await row(one)).toBeNull();
  const rows = kysely.selectFrom("number_leaves").selectAll().where("user_id", "=", one.id);
  expect(await rows.execute()).toEqual([]);
  const names = kysely.selectFrom("login_names").selectAll().where("name_key", "=", one.mobile);
  expect(await names.execute()).toEqual([]);
});
