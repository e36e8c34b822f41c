import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { collect } from "../../src/rights/collect.ts";
import { join, makeBound, preview, ready, ticketOf } from "../support/joining.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Two accounts of one person become one: what moves, what stays, what is lost, and what is told of it. */
let test: TestApp;
let kept: Person;
let joined: Person & { readonly accountKey: string };
const logged: Record<string, unknown>[] = [];
beforeEach(async () => {
  logged.length = 0;
  test = await startTestApp({ logTo: { write: (line) => void logged.push(JSON.parse(line)) } });
  kept = await makePerson(test, "zhangsan", { email: "zhang@example.com" });
  joined = await makeBound(test, "user20457193", { email: "44@qq.com" });
});
afterEach(() => test.close());

const rowOf = (id: number) =>
  test.app.db.kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
const change = (id: number, columns: object) =>
  test.app.db.kysely.updateTable("users").set(columns).where("id", "=", id).execute();
async function rename(
  id: number,
  columns: { email?: string | null; mobile?: string; proved_mobile?: string },
) {
  await change(id, columns);
  await test.app.db.kysely
    .insertInto("login_names")
    .values(
      [columns.email, columns.mobile]
        .filter((name) => typeof name === "string")
        .map((name) => ({ name_key: name.toLowerCase(), user_id: id })),
    )
    .execute();
}
const itemsOf = async (ticket: string) =>
  (
    (await preview(test, kept, ticket)).json().items as {
      what: string;
      becomes: string;
      value: string | null;
    }[]
  ).map(({ what, becomes, value }) => [what, becomes, value]);
const holderOf = async (name: string) =>
  (
    await test.app.db.kysely
      .selectFrom("login_names")
      .select("user_id")
      .where("name_key", "=", name)
      .executeTakeFirst()
  )?.user_id;

describe("the preview", () => {
  it("says what becomes of both, and changes nothing", async () => {
    const ticket = await ticketOf(test, kept, joined);
    const seen = await preview(test, kept, ticket);
    expect(seen.statusCode, seen.body).toBe(200);
    expect(seen.json()).toEqual({
      kept: { id: kept.id, username: "zhangsan" },
      joined: { id: joined.id, username: "user20457193" },
      problems: [],
      bindings: [
        { provider: "qq", nickname: "QQ of user20457193", created_at: expect.any(String), unproved: false },
      ],
      items: [
        { what: "username", becomes: "stays", value: "zhangsan", count: 1 },
        { what: "username", becomes: "lost", value: "user20457193", count: 1 },
        { what: "email", becomes: "stays", value: "zhang@example.com", count: 1 },
        { what: "email", becomes: "lost", value: "44@qq.com", count: 1 },
        { what: "password", becomes: "stays", value: null, count: 1 },
        { what: "password", becomes: "lost", value: null, count: 1 },
      ],
      digest: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await rowOf(joined.id)).toBeDefined();
    expect((await preview(test, kept, ticket)).json().digest, "is the same twice").toBe(seen.json().digest);
  });

  it("a proved number and a confirmed address move where there is none, a chosen name where one was made", async () => {
    await test.app.db.kysely.deleteFrom("login_names").where("name_key", "=", "zhang@example.com").execute();
    await change(kept.id, { email: null, email_verified: 0, username_due: 1 });
    await rename(joined.id, { mobile: "13912345678", proved_mobile: "13912345678" });
    await change(joined.id, { nickname: "三哥" });
    const old_sms_code = await test.smsCodeFor("13912345678", joined.token);
    const sent = await ready(test, kept, joined, { old_sms_code });
    expect(await itemsOf(sent.ticket)).toEqual(
      expect.arrayContaining([
        ["username", "moves", "user20457193"],
        ["email", "moves", "44@qq.com"],
        ["mobile", "moves", "13912345678"],
        ["nickname", "moves", "三哥"],
      ]),
    );
    expect((await join(test, kept, sent)).json()).toEqual({ message: "OK", joined_id: joined.id });
    expect(await rowOf(kept.id)).toMatchObject({
      ...{ username: "user20457193", username_due: 0, email: "44@qq.com", email_verified: 1 },
      ...{ mobile: "13912345678", proved_mobile: "13912345678", nickname: "三哥" },
    });
    for (const name of ["user20457193", "44@qq.com", "13912345678"]) {
      expect([name, await holderOf(name)]).toEqual([name, kept.id]);
    }
    // What logs in is what it says, with the kept account's own password.
    await tokenOf(test, "44@qq.com");
    await tokenOf(test, "user20457193");
  });

  it("an address that nobody confirmed and a number that nobody proved never move", async () => {
    await change(kept.id, { email: null });
    await change(joined.id, { email_verified: 0 });
    await rename(joined.id, { mobile: "13912345678" });
    const sent = await ready(test, kept, joined);
    expect(await itemsOf(sent.ticket)).toEqual(
      expect.arrayContaining([
        ["email", "lost", "44@qq.com"],
        ["mobile", "lost", "13912345678"],
      ]),
    );
    await join(test, kept, sent);
    expect(await rowOf(kept.id)).toMatchObject({ email: null, mobile: null, proved_mobile: null });
  });

  it("what the kept account only wrote down is confirmed by the other's proof of the same", async () => {
    await test.app.db.kysely.deleteFrom("login_names").where("name_key", "=", "zhang@example.com").execute();
    await change(kept.id, { email: "44@QQ.com", email_verified: 0 });
    await join(test, kept, await ready(test, kept, joined));
    expect(await rowOf(kept.id)).toMatchObject({ email: "44@qq.com", email_verified: 1 });
    expect(await holderOf("44@qq.com")).toBe(kept.id);
  });
});

describe("the join", () => {
  it("moves third parties, ends the other's log-ins, and erases it for good", async () => {
    const answer = await join(test, kept, await ready(test, kept, joined));
    expect(answer.statusCode, answer.body).toBe(200);
    const bound = await test.as(kept.token)({ url: "/user/bindings/" });
    expect(bound.json().bindings).toMatchObject([{ provider: "qq", nickname: "QQ of user20457193" }]);
    expect((await rowOf(kept.id))?.provider_nickname).toBe("QQ of user20457193");
    expect((await test.as(joined.token)({ url: "/user/" })).statusCode).toBe(401);
    const again = { username: "user20457193", password };
    const refused = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload: again });
    expect(refused.statusCode).toBe(400);
    expect(await rowOf(joined.id)).toBeUndefined();
    const gone = await test.app.db.kysely.selectFrom("deleted_accounts").select("user_id").execute();
    expect(gone).toEqual([{ user_id: joined.id }]);
    const next = await makePerson(test, "newcomer1");
    expect(next.id).not.toBe(joined.id);
    // Its names are nobody's for a while, as those of every erased account.
    expect(await test.app.users.isLoginNameTaken("44@qq.com")).toBe(true);
  });

  it("moves addresses, agreements and choices that the kept account lacks", async () => {
    const { kysely } = test.app.db;
    const now = test.clock.now();
    const address = {
      ...{ title: "家", receiver: "张三", province_id: 110000, city_id: 110100, district_id: 110101 },
      ...{ place: "某街 1 号", mobile: "13900000000", tel: "", email: "", is_default: 1 as const },
      ...{ created_at: now, updated_at: now, deleted_at: null },
    };
    for (const { id } of [kept, joined]) {
      await kysely
        .insertInto("delivery_addresses")
        .values({ ...address, user_id: id })
        .execute();
      const version = id === kept.id ? "v1" : "v2";
      const consents = ["v1", version].map((one) => ({
        ...{ user_id: id, document: "terms" as const, version: one, agreed_at: now - id },
      }));
      await kysely
        .insertInto("consents")
        .values(consents)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    const choice = { purpose: "marketing", version: "m1", given: 0, chosen_at: now } as const;
    await kysely
      .insertInto("consent_choices")
      .values({ user_id: joined.id, ...choice })
      .execute();
    const sent = await ready(test, kept, joined);
    expect(await itemsOf(sent.ticket)).toEqual(
      expect.arrayContaining([
        ["addresses", "moves", null],
        ["consents", "moves", null],
        ["choices", "moves", null],
      ]),
    );
    await join(test, kept, sent);
    const mine = async (table: "delivery_addresses" | "consents" | "consent_choices") =>
      (
        await kysely
          .selectFrom(table as "consents")
          .selectAll()
          .where("user_id", "=", kept.id)
          .execute()
      ).length;
    expect([await mine("delivery_addresses"), await mine("consents"), await mine("consent_choices")]).toEqual(
      [2, 2, 1],
    );
    const defaults = await kysely
      .selectFrom("delivery_addresses")
      .select("user_id")
      .where("is_default", "=", 1)
      .execute();
    expect(defaults).toEqual([{ user_id: kept.id }]);
    const agreed = await kysely.selectFrom("consents").selectAll().where("version", "=", "v2").execute();
    expect(agreed, "with its own time").toMatchObject([{ agreed_at: now - joined.id }]);
  });

  it("tells other programs both ids once, and nobody that the other was deleted", async () => {
    await test.app.webhooks.add(
      { id: null, name: "test", requestId: null },
      { url: "https://shop.example/hook", events: [] },
    );
    logged.length = 0;
    await join(test, kept, await ready(test, kept, joined));
    const told = await test.app.db.kysely.selectFrom("webhook_deliveries").select(["type", "body"]).execute();
    const joins = told
      .filter(({ type }) => type === "account.joined")
      .map(({ body }) => JSON.parse(body).data);
    expect(joins).toEqual([
      { user_id: kept.id, kept_id: kept.id, joined_id: joined.id, version: expect.any(Number) },
    ]);
    expect(told.map(({ type }) => type)).not.toContain("user.deleted");
    const lines = logged.filter(({ event }) => event === "account.joined");
    expect(lines).toMatchObject([{ userId: kept.id, kept_id: kept.id, joined_id: joined.id }]);
    expect(JSON.stringify(logged)).not.toMatch(/44@qq\.com|user20457193|zhang@example/);
  });

  it("is in the audit log of both, without anything of the one that is gone", async () => {
    await join(test, kept, await ready(test, kept, joined));
    const rows = await test.app.db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute();
    const about = rows.filter(({ action }) => action.startsWith("user.join"));
    expect(about).toMatchObject([
      { action: "user.join", actor_id: kept.id, target_id: kept.id, target: "zhangsan" },
      { action: "user.joined-away", actor_id: kept.id, target_id: joined.id, target: `user#${joined.id}` },
    ]);
    expect(about.map(({ after }) => JSON.parse(after))).toEqual([
      { joined_id: joined.id, by: "owner" },
      { kept_id: kept.id, by: "owner" },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/44@qq|user20457193/);
  });

  it("mails the owner at the addresses of both; the link undoes what can be undone", async () => {
    await join(test, kept, await ready(test, kept, joined));
    await test.runJobs();
    const mails = test.mailbox.filter(({ kind }) => kind === "account_joined");
    expect(mails.map(({ to }) => to).toSorted()).toEqual(["44@qq.com", "zhang@example.com"]);
    for (const { text } of mails) expect(text).toContain("user20457193");
    const [other, own] = mails.toSorted((one, two) => one.to.localeCompare(two.to));
    expect(other!.text, "who lost an account undoes nothing in the other").not.toContain("/not-me#");
    const token = /\/not-me#(\S+)/.exec(own!.text)?.[1];
    const undone = await test.anonymous({
      method: "POST",
      url: "/user/sessions/disown/",
      payload: { token },
    });
    expect(undone.statusCode, undone.body).toBe(200);
    const left = await test.app.db.kysely.selectFrom("bindings").selectAll().execute();
    expect(left).toEqual([]);
    expect((await test.as(kept.token)({ url: "/user/" })).statusCode).toBe(401);
  });

  it("what a log-in alone had added goes with the next new password, as before", async () => {
    await test.app.db.kysely.updateTable("bindings").set({ unproved: 1 }).execute();
    const sent = await ready(test, kept, joined);
    expect((await preview(test, kept, sent.ticket)).json().bindings).toMatchObject([{ unproved: true }]);
    await join(test, kept, sent);
    const fresh = {
      current_password: password,
      password: "three quiet lanterns",
      password2: "three quiet lanterns",
    };
    await test.as(kept.token)({ method: "PUT", url: "/user/password/", payload: fresh });
    expect(await test.app.db.kysely.selectFrom("bindings").selectAll().execute()).toEqual([]);
  });

  it("is in the owner's export, and leaves nothing of the other anywhere", async () => {
    await join(test, kept, await ready(test, kept, joined));
    await test.runJobs();
    const owner = await test.app.users.byId(kept.id);
    const { tables } = await collect(test.app.db, personalTables, owner!, test.clock.now());
    expect(tables.account_joins).toEqual([
      { joined_id: joined.id, at: expect.any(String), joined_by: "owner" },
    ]);
    expect(tables.bindings).toMatchObject([{ moved_at: expect.any(String) }]);
    for (const { name } of await test.app.db.kysely.introspection.getTables()) {
      if (name === "mails" || name === "jobs") continue;
      const rows = await test.app.db.kysely
        .selectFrom(name as "users")
        .selectAll()
        .execute();
      expect([name, JSON.stringify(rows)]).toEqual([name, expect.not.stringMatching(/44@qq\.com/i)]);
    }
  });
});
