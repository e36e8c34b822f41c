import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dumpDatabase, dumpRedis } from "../support/database-dump.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** An account's deletion, from its owner's word to a database in which nothing of them is left. */
let site: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  site = await startTestApp({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => site.close());

const dayMillis = 86_400_000;
const ask = (token: string, payload: object = { current_password: password }, at = site) =>
  at.as(token)({ method: "POST", url: "/user/deletion/", payload });
const logIn = (username: string, at = site) =>
  at.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });
const keep = (step: string) =>
  site.anonymous({ method: "POST", url: "/users/deletion/cancel/", payload: { step } });
const rowOf = (id: number, at = site) =>
  at.app.db.kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
const erase = async (at = site) => {
  await at.runJobs();
  at.clock.advance(8 * 86_400);
  await at.app.maintenance.run();
  await at.runJobs();
};

describe("asking", () => {
  it("ends every session at once, and says when the account is erased", async () => {
    const person = await makePerson(site, "leaving01", { email: "leaving01@example.com" });
    const other = await tokenOf(site, "leaving01");
    const answer = await ask(person.token);
    expect(answer.statusCode).toBe(202);
    expect(Date.parse(answer.json().erased_at)).toBe(site.clock.now() + 7 * dayMillis);
    for (const token of [person.token, other]) {
      expect((await site.as(token)({ url: "/user/" })).statusCode).toBe(401);
    }
    await site.runJobs();
    const told = site.mailbox.filter(({ to }) => to === "leaving01@example.com");
    expect(told.map(({ kind }) => kind)).toContain("deletion_asked");
  });

  it("needs the password in this call, however recent the log-in", async () => {
    const { token, id } = await makePerson(site, "asked01");
    expect((await ask(token, {})).statusCode).toBe(400);
    expect((await ask(token, { current_password: "wrong-one" })).statusCode).toBe(400);
    expect((await rowOf(id))?.deletion_due_at).toBeNull();
  });

  it.each(["GET", "HEAD", "PUT"] as const)("%s deletes nothing", async (method) => {
    const { token, id } = await makePerson(site, `got${method.toLowerCase()}`);
    const answer = await site.as(token)({ method, url: "/user/deletion/?current_password=x" });
    expect([404, 405]).toContain(answer.statusCode);
    expect((await rowOf(id))?.deletion_due_at).toBeNull();
  });

  it("the last superuser can't", async () => {
    const { token } = await makePerson(site, "onlyroot", { is_superuser: 1 });
    const answer = await ask(token);
    expect([answer.statusCode, answer.json().code ?? answer.json()]).toMatchObject([400, expect.anything()]);
    const second = await makePerson(site, "otherroot", { is_superuser: 1 });
    expect((await ask(token)).statusCode).toBe(202);
    expect((await ask(second.token)).statusCode).toBe(400);
  });
});

describe("logging in while it waits", () => {
  let person: Person;
  beforeAll(async () => {
    person = await makePerson(site, "waiting01", { email: "waiting01@example.com" });
    await ask(person.token);
  });

  it("answers 400 with a message, opens no session and cancels nothing", async () => {
    const answer = await logIn("waiting01");
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({
      ...{ message: expect.stringMatching(/注销/), code: "deletion_pending", step: expect.any(String) },
      ...{ erased_at: expect.any(String), expires_in: 600 },
    });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await rowOf(person.id))?.deletion_due_at).not.toBeNull();
  });

  it("a wrong password is answered like everybody's", async () => {
    const payload = { username: "waiting01", password: "wrong-one" };
    const answer = await site.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(answer.json()).not.toHaveProperty("code", "deletion_pending");
  });

  it("whoever says so keeps it, once, and is logged in", async () => {
    const { step } = (await logIn("waiting01")).json();
    const kept = await keep(step);
    expect(kept.statusCode).toBe(200);
    expect((await site.as(kept.json().token)({ url: "/user/" })).json().username).toBe("waiting01");
    expect((await keep(step)).statusCode).toBe(400);
    expect((await rowOf(person.id))?.deletion_due_at).toBeNull();
    expect((await logIn("waiting01")).statusCode).toBe(200);
    await site.runJobs();
    expect(site.mailbox.at(-1)).toMatchObject({ kind: "deletion_cancelled", to: "waiting01@example.com" });
  });

  it("only behind the second factor, where there is one", async () => {
    const two = await makePerson(site, "twofold01");
    await switchOnSecondFactor(site, "twofold01");
    await site.app.db.kysely
      .updateTable("users")
      .set({ deletion_due_at: site.clock.now() + dayMillis })
      .where("id", "=", two.id)
      .execute();
    const answer = await logIn("twofold01");
    expect(answer.json().code).toBe("second_factor_required");
    // A step that waits for a factor keeps nothing.
    expect((await keep(answer.json().step)).statusCode).toBe(400);
    expect((await rowOf(two.id))?.deletion_due_at).not.toBeNull();
  });

  it("not once the grace is over", async () => {
    const late = await makePerson(site, "late0001");
    await ask(late.token);
    const { step } = (await logIn("late0001")).json();
    await site.app.db.kysely
      .updateTable("users")
      .set({ deletion_due_at: site.clock.now() })
      .where("id", "=", late.id)
      .execute();
    expect((await keep(step)).statusCode).toBe(400);
    expect((await logIn("late0001")).json()).not.toHaveProperty("step");
  });
});

/** Everything that somebody gave, in many tables, under values that nothing else has. */
async function fullPerson(at: TestApp) {
  const given = {
    ...{ username: "zhuxiaoming", email: "zhu.xiaoming@qq.com", mobile: "13912345678" },
    ...{ nickname: "小明同学甲", first_name: "晓明甲", last_name: "朱乙" },
    ...{ earlier: "zhu.earlier@qq.com", key: "unionid:zhu-at-qq", face: "朱朱朱" },
  };
  const { token, id } = await at.signUp({ username: given.username, email: given.earlier, password });
  const email_code = await at.codeFor(given.email, "changeEmail", token);
  const change = { email: given.email, email_code, current_password: password };
  const changed = await at.as(token)({ method: "PUT", url: "/user/email/", payload: change });
  expect(changed.statusCode).toBe(200);
  const { first_name, last_name, nickname, mobile } = given;
  const names = { first_name, last_name, nickname, mobile, current_password: password };
  const named = await at.as(token)({ method: "PATCH", url: "/user/", payload: names });
  expect(named.statusCode).toBe(200);
  await at.app.db.kysely
    .insertInto("bindings")
    .values({
      ...{ provider: "qq", account_key: given.key, user_id: id, nickname: given.face, avatar: null },
      ...{ is_alias: 0, created_at: 1, last_login_at: null },
    })
    .execute();
  const invitation = { email: given.email, group_id: null, maker_id: null, token_mac: "mac-of-zhu" };
  const times = { max_uses: 1, created_at: 1, expires_at: at.clock.now() + 90 * dayMillis };
  await at.app.db.kysely
    .insertInto("invitations")
    .values({ ...invitation, ...times })
    .execute();
  const root = await makePerson(at, "rootoffull", { is_superuser: 1 });
  const byStaff = { first_name: "晓明甲乙" };
  await at.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload: byStaff });
  await logIn(given.email, at);
  return { id, token: await tokenOf(at, given.username), given: { ...given, ...byStaff } };
}

describe("the erasure", () => {
  it("leaves nothing that the person ever gave: in no table, in Redis, in no log line", async () => {
    const { id, token, given } = await fullPerson(site);
    await ask(token);
    await erase();
    expect(await rowOf(id)).toBeUndefined();
    expect(site.mailbox.at(-1)).toMatchObject({ kind: "account_deleted", to: given.email });
    const places = new Map(await dumpDatabase(site.app.db));
    if (site.config.redisUrl !== null) places.set("redis", await dumpRedis(site.config.redisUrl));
    places.set("log", lines.join("\n"));
    const found = [...places].flatMap(([place, text]) =>
      Object.values(given)
        .filter((value) => text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1)))
        .map((value) => `${place}: ${value}`),
    );
    expect(found).toEqual([]);
    // What is left, and nothing else: the id, and the audit log without them.
    const left = [...places].filter(([, text]) => text.includes(`user#${id}`)).map(([place]) => place);
    expect(left).toEqual(["audit_entries"]);
    const gone = await site.app.db.kysely.selectFrom("deleted_accounts").selectAll().execute();
    expect(gone.map((row) => row.user_id)).toContain(id);
  });

  it("nobody gets the names for a while, and somebody does afterwards", async () => {
    const { token } = await site.signUp({ username: "reused01", email: "reused01@qq.com", password });
    await ask(token);
    await erase();
    const count = async () => (await site.anonymous({ url: "/usernames/reused01/count/" })).json().count;
    expect(await count()).toBe(1);
    const other = await makePerson(site, "wishes01");
    const payload = { username: "reused01", current_password: password };
    const wished = await site.as(other.token)({ method: "PUT", url: "/user/username/", payload });
    expect([wished.statusCode, wished.json()]).toMatchObject([400, { username: [expect.any(String)] }]);
    const email_code = await site.codeFor("another01@qq.com");
    const fields = { username: "reused01", email: "another01@qq.com", password, password2: password };
    const signed = await site.anonymous({
      ...{ method: "POST", url: "/users/", payload: { ...fields, email_code, allow: "true" } },
    });
    expect([signed.statusCode, signed.json()]).toMatchObject([400, { username: [expect.any(String)] }]);
    site.clock.advance(400 * 86_400);
    await site.app.maintenance.run();
    expect(await count()).toBe(0);
  });

  it("gives no id a second time", async () => {
    const first = await makePerson(site, "lastone1");
    await ask(first.token);
    await erase();
    const next = await makePerson(site, "lastone2");
    expect(next.id).toBeGreaterThan(first.id);
  });

  it("happens without a mail where none can be sent", async () => {
    let refused = 0;
    const deaf = await startTestApp({
      mailer: {
        async send() {
          refused++;
          throw new Error("away");
        },
        verify: async () => {},
        close: async () => {},
      },
      env: { DELETION_GRACE_DAYS: "0" },
    });
    try {
      const person = await makePerson(deaf, "unheard1", { email: "unheard1@example.com" });
      expect((await ask(person.token, { current_password: password }, deaf)).statusCode).toBe(202);
      for (let run = 0; run < 3; run++) {
        await deaf.runJobs();
        deaf.clock.advance(3600);
      }
      expect([refused >= 3, await rowOf(person.id, deaf)]).toEqual([true, undefined]);
    } finally {
      await deaf.close();
    }
  });
});
