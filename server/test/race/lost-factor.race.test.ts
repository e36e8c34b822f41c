import { afterAll, beforeAll, expect, it } from "vitest";
import { cancelByLink, cancelTokenIn, elsewhere, type Loser, makeLoser } from "../support/lost-factor.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: a request is asked for once, and ends once, as one thing. */
const times = 50;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const post = (server: number, verb: string, payload: object) =>
  (server % 2 === 0 ? test : second).anonymous({
    ...{ method: "POST", url: `/users/second-factor/lost/${verb}`, payload, headers: elsewhere },
  });
async function stepsOf(one: Loser, count: number): Promise<string[]> {
  const steps: string[] = [];
  for (let i = 0; i < count; i++) steps.push(await one.stepOf());
  return steps;
}
async function ripe(username: string): Promise<Loser> {
  const one = await makeLoser(test, username);
  expect((await one.call("ask/")).statusCode).toBe(200);
  await test.runJobs();
  test.clock.advance(86_400);
  return one;
}
const audited = async (one: Loser) =>
  (await test.app.db.kysely.selectFrom("audit_entries").selectAll().where("target_id", "=", one.id).execute())
    .map(({ action }) => action)
    .sort();
async function mailsSince(earlier: number): Promise<string[]> {
  await test.runJobs();
  return [...test.mailbox.slice(earlier), ...second.mailbox.splice(0)].map(({ subject }) => subject);
}

it("asked for 50 times at once: one request, one mail", async () => {
  const one = await makeLoser(test, "python01");
  const steps = await stepsOf(one, times);
  await test.runJobs();
  const earlier = test.mailbox.length;
  const answers = await Promise.all(steps.map((step, i) => post(i, "ask/", { step })));
  const good = answers.filter(({ statusCode }) => statusCode === 200);
  expect(new Set(good.map(({ body }) => body)).size, answers.map(({ statusCode }) => statusCode).join()).toBe(
    1,
  );
  const rows = test.app.db.kysely.selectFrom("lost_factors").selectAll().where("user_id", "=", one.id);
  expect(await rows.execute()).toHaveLength(1);
  expect((await mailsSince(earlier)).filter((subject) => subject.includes("有人申请关闭"))).toHaveLength(1);
});

it("finished 50 times at once: one removes it", async () => {
  const one = await ripe("python02");
  const steps = await stepsOf(one, times);
  const earlier = test.mailbox.length;
  const answers = await Promise.all(steps.map((step, i) => post(i, "finish/", { step })));
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.filter((code) => code === 200),
    codes.join(),
  ).toHaveLength(1);
  expect(
    codes.every((code) => [200, 400, 503].includes(code)),
    codes.join(),
  ).toBe(true);
  expect(await audited(one)).toEqual(["user.lost-factor-asked", "user.lost-factor-removed"]);
  expect((await mailsSince(earlier)).filter((subject) => subject.includes("两步验证已关闭"))).toHaveLength(1);
});

it.each(Array.from({ length: 8 }, (_, turn) => turn))(
  "finished and cancelled at once, turn %i: exactly one of them happens, and each caller is told which",
  async (turn) => {
    const one = await ripe(`racer${turn}`);
    const token = cancelTokenIn(test, one.email);
    const [step] = await stepsOf(one, 1);
    const calls = [() => post(0, "finish/", { step }), () => cancelByLink(test, token)] as const;
    const order = turn % 2 === 0 ? [0, 1] : [1, 0];
    const answers = new Map(
      await Promise.all(order.map(async (which) => [which, await calls[which]!()] as const)),
    );
    const isRemoved = answers.get(0)!.statusCode === 200;
    expect(answers.get(1)!.json()).toEqual({ state: isRemoved ? "done" : "cancelled" });
    const user = await test.app.users.byId(one.id);
    expect(user!.second_factor_at === null).toBe(isRemoved);
    expect(await audited(one)).toEqual(
      isRemoved
        ? ["user.lost-factor-asked", "user.lost-factor-removed"]
        : ["user.lost-factor-asked", "user.lost-factor-cancelled"],
    );
  },
);

it("finished beside log-ins with the second factor: it is removed, or they are in", async () => {
  const one = await ripe("python03");
  const [step, other] = await stepsOf(one, 2);
  const code = one.next();
  const url = "/users/second-factor/";
  const [finished, entered] = await Promise.all([
    post(1, "finish/", { step }),
    test.anonymous({ method: "POST", url, payload: { step: other, code }, headers: elsewhere }),
  ]);
  const user = (await test.app.users.byId(one.id))!;
  expect(user.second_factor_at === null).toBe(finished!.statusCode === 200);
  if (finished!.statusCode === 200 && entered!.statusCode === 200) {
    // Opened under the credentials of before: its token ended with them.
    expect((await test.as(entered!.json().token)({ url: "/user/" })).statusCode).toBe(401);
  }
});
