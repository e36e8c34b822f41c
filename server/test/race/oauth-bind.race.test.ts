import { afterAll, beforeAll, expect, it } from "vitest";
import { type Callback, startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Many at once on what only one may do; on every engine pair. */
const callers = 20;
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { OAUTH_TIMEOUT_MS: "15000" } });
});
afterAll(() => third.close());

async function ticketOf(provider: string, person: string): Promise<string> {
  return String((await third.logIn(provider, person)).bind_token);
}

function tally(answers: readonly { statusCode: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { statusCode } of answers) counts[statusCode] = (counts[statusCode] ?? 0) + 1;
  return counts;
}

/**
 * As `times`, for what leaves everything as it was when it is refused with 503: asked again, as Retry-After says.
 * On a machine that is busy with other suites the callers at the end of the queue for a database connection
 * are told to come back (seen in November 2026: 4 of 20).
 */
function timesServed<Answer extends { statusCode: number }>(work: (index: number) => Promise<Answer>) {
  return times(async (index) => {
    let answer = await work(index);
    for (let tries = 1; answer.statusCode === 503 && tries < 20; tries++) answer = await work(index);
    return answer;
  });
}

function times<Result>(work: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: callers }, (_, index) => work(index)));
}

it("of many callbacks with one code and state one succeeds", async () => {
  for (const provider of ["qq", "weibo", "github", "wechat", "apple", "oidc"]) {
    const callback = await third.authorize(provider);
    const answers = await times(() => third.finish(provider, callback));
    expect(tally(answers)).toEqual({ 200: 1, 400: callers - 1 });
  }
});

it("of many accounts made from one ticket one is made", async () => {
  const bind_token = await ticketOf("qq", "penguin");
  const answers = await timesServed((index) =>
    third.test.anonymous({
      method: "POST",
      url: "/oauth/qq/account/",
      payload: { bind_token, username: `ticket-${index}` },
    }),
  );
  expect(tally(answers)).toEqual({ 201: 1, 400: callers - 1 });
  const made = await third.test.app.db.kysely
    .selectFrom("users")
    .select("username")
    .where("username", "like", "ticket-%")
    .execute();
  expect(made).toHaveLength(1);
});

it("of many accounts one person is bound to at once one gets them", async () => {
  const tickets: string[] = [];
  for (let index = 0; index < callers; index++) tickets.push(await ticketOf("qq", "xiaomei"));
  const answers = await timesServed((index) =>
    third.test.anonymous({
      method: "POST",
      url: "/oauth/qq/account/",
      payload: { bind_token: tickets[index]!, username: `person-${index}` },
    }),
  );
  expect(tally(answers)).toEqual({ 201: 1, 400: callers - 1 });
  const winner = answers.find(({ statusCode }) => statusCode === 201)!.json();
  expect(await third.logIn("qq", "xiaomei")).toMatchObject({ user_id: winner.id });
  const rows = await third.test.app.db.kysely
    .selectFrom("bindings")
    .select("user_id")
    .where("account_key", "like", "%A2")
    .execute();
  expect(new Set(rows.map((row) => row.user_id))).toEqual(new Set([winner.id]));
  // Losers left no half-made account behind.
  const made = await third.test.app.db.kysely
    .selectFrom("users")
    .select("username")
    .where("username", "like", "person-%")
    .execute();
  expect(made).toHaveLength(1);
});

it("one person bound to two accounts at once belongs to one of them", async () => {
  const users = [
    await third.test.signUp({ username: "binder-one", email: "binder-one@qq.com" }),
    await third.test.signUp({ username: "binder-two", email: "binder-two@qq.com" }),
  ];
  const tickets: string[] = [];
  for (let index = 0; index < callers; index++) tickets.push(await ticketOf("wechat", "long"));
  const answers = await timesServed((index) =>
    third.test.as(users[index % 2]!.token)({
      method: "POST",
      url: "/user/bindings/wechat/",
      payload: { bind_token: tickets[index]! },
    }),
  );
  // For the winner's account the rest of its calls are repetitions, which succeed.
  const statuses = [0, 1].map((who) => [
    ...new Set(answers.filter((_, index) => index % 2 === who).map(({ statusCode }) => statusCode)),
  ]);
  const winner = statuses[0]!.includes(201) ? 0 : 1;
  expect(statuses[winner]!.every((status) => status === 201 || status === 200)).toBe(true);
  expect(statuses[1 - winner]).toEqual([400]);
  expect(await third.logIn("wechat", "long")).toMatchObject({ user_id: users[winner]!.id });
  const loser = await third.test.as(users[1 - winner]!.token)({ url: "/user/bindings/" });
  expect(loser.json()).toEqual({ bindings: [] });
});

it("bind against unbind: the account ends with a binding or without one, never locked out", async () => {
  const user = await third.test.signUp({ username: "bind-unbind", email: "bind-unbind@qq.com" });
  const as = third.test.as(user.token);
  const first = await ticketOf("weibo", "emoji");
  await as({ method: "POST", url: "/user/bindings/weibo/", payload: { bind_token: first } });
  await as({ method: "DELETE", url: "/user/bindings/weibo/" });
  const tickets: string[] = [];
  for (let index = 0; index < callers / 2; index++) tickets.push(await ticketOf("weibo", "emoji"));
  const answers = await times((index) =>
    index % 2 === 0
      ? as({ method: "POST", url: "/user/bindings/weibo/", payload: { bind_token: tickets[index / 2]! } })
      : as({ method: "DELETE", url: "/user/bindings/weibo/" }),
  );
  for (const { statusCode } of answers) expect([201, 204, 404]).toContain(statusCode);
  const list = (await as({ url: "/user/bindings/" })).json().bindings;
  const now = await third.logIn("weibo", "emoji");
  if (list.length === 1) expect(now).toMatchObject({ user_id: user.id });
  else expect(now).toHaveProperty("bind_token");
});

/** An account bound by openid alone, and log-ins of its person that will bring the unionid along. */
async function aboutToUpgrade(username: string, callbacks: number) {
  const user = await third.test.signUp({ username, email: `${username}@qq.com` });
  const as = third.test.as(user.token);
  const { bind_token } = await third.logIn("qq", "rtl", { trouble: "no-unionid" });
  const added = await as({ method: "POST", url: "/user/bindings/qq/", payload: { bind_token } });
  expect(added.statusCode, added.body).toBe(201);
  const pending: Callback[] = [];
  while (pending.length < callbacks) pending.push(await third.authorize("qq", { person: "rtl" }));
  return { user, as, pending };
}

async function expectUnbound(user: { id: number }): Promise<void> {
  const rows = await third.test.app.db.kysely
    .selectFrom("bindings")
    .select("account_key")
    .where("user_id", "=", user.id)
    .execute();
  expect(rows).toEqual([]);
  for (const trouble of ["", "no-unionid"]) {
    const answer = await third.logIn("qq", "rtl", { trouble });
    expect(answer).toHaveProperty("bind_token");
    expect(answer).not.toHaveProperty("token");
  }
}

it("a log-in that moves a binding to the unionid does not bring it back when it is removed meanwhile", async () => {
  const { user, as, pending } = await aboutToUpgrade("upgrade-removed", 1);
  const { db } = third.test.app;
  // The removal comes exactly between the log-in's reading of the binding and its writing.
  const first = db.first.bind(db);
  let removed = 0;
  Object.assign(db, {
    first: async (...[asked, values]: Parameters<typeof first>) => {
      const row = await first(asked, values);
      if (asked.name === "bindings.byKey" && row !== null && removed === 0) {
        removed = (await as({ method: "DELETE", url: "/user/bindings/qq/" })).statusCode;
      }
      return row;
    },
  });
  try {
    await third.finish("qq", pending[0]!);
  } finally {
    Object.assign(db, { first });
  }
  expect(removed).toBe(204);
  await expectUnbound(user);
});

it("unbind against many log-ins that bring the unionid: removed is removed", async () => {
  for (let round = 0; round < 3; round++) {
    const { user, as, pending } = await aboutToUpgrade(`upgrade-race-${round}`, callers / 2);
    const logIns = pending.map((callback) => third.finish("qq", callback));
    // The removal leaves when the first log-in has come through, so that the others are on their way.
    await Promise.race(logIns);
    const gone = await as({ method: "DELETE", url: "/user/bindings/qq/" });
    expect(gone.statusCode, gone.body).toBe(204);
    // 503: at the end of the queue for a database connection, see above.
    for (const { statusCode } of await Promise.all(logIns)) expect([200, 503]).toContain(statusCode);
    await expectUnbound(user);
  }
});

it("the last two ways to log in are not removed by two at once", async () => {
  for (let round = 0; round < 5; round++) {
    const made = await third.createBound("github", "long", `two-ways-${round}`);
    const as = third.test.as(String(made.token));
    const bind_token = await ticketOf("oidc", "long");
    await as({ method: "POST", url: "/user/bindings/oidc/", payload: { bind_token } });
    const answers = await Promise.all(
      ["github", "oidc"].map((name) => as({ method: "DELETE", url: `/user/bindings/${name}/` })),
    );
    expect(tally(answers)).toEqual({ 204: 1, 400: 1 });
    expect((await as({ url: "/user/bindings/" })).json().bindings).toHaveLength(1);
    // Make the person free again for the next round.
    await third.test.app.db.kysely.deleteFrom("bindings").where("user_id", "=", Number(made.id)).execute();
  }
});
