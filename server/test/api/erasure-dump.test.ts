import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { personalTables } from "../../src/app/personal-data.ts";
import { createFindTickets } from "../../src/classic/find-tickets.ts";
import { createTickets } from "../../src/identities/flow/ticket.ts";
import { createLog } from "../../src/kernel/log.ts";
import { dumpDatabase, dumpRedis } from "../support/database-dump.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { type MakeValue, ownTables, personalRows, seedAround } from "../support/personal-marks.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * In the very moment of an erasure, before any purge has run and with the clock where it is: a dump of database, queue, Redis, mailbox and
 * log, searched for every value that the person ever gave, and for a value of its own in every column of every personal table.
 */
let site: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  site = await startTestApp({
    env: { DELETION_GRACE_DAYS: "0", TERMS_VERSION: "2026-11", CODE_SIGN_IN: "email" },
    logTo: { write: (line) => void lines.push(line) },
  });
});
afterAll(() => site.close());

const picture = readFileSync(join(import.meta.dirname, "../vectors/pictures/pillow.png"));

/** What is looked for afterwards, and where it was put. */
const marks = new Map<string, string>();
let count = 0;
/** What stays by a promise (docs/privacy.md): ids, times, kinds. Of these tables only words are looked for. */
const pseudonymised = new Set(
  personalTables.filter(({ erasure }) => erasure === "pseudonymised").map(({ table }) => String(table)),
);
const internal = new Set([
  "webhook_deliveries.message_id",
  // What staff did to many accounts, under the id alone, for ninety days.
  ...["bulk_runs.id", "bulk_runs.action", "bulk_runs.reason"],
]);

/** Unlike every other value of the database, as its column holds it. */
const mark: MakeValue = ({ table, name, how, isText }) => {
  const n = ++count;
  const place = `${table}.${name}`;
  if (how === "flag") return 1;
  if (!isText) {
    const value = how === "time" ? 1_511_111_000_000 + n * 7919 : 1_311_000_000 + n * 7919;
    if (!pseudonymised.has(table)) marks.set(String(value), place);
    return value;
  }
  const value = `zq${(n * 7919 + 1_000_003).toString(36)}x`;
  if (!internal.has(place)) marks.set(value, place);
  return how === "json" ? JSON.stringify({ company: value }) : value;
};

/** Goes through what people do, each with values that nothing else has. */
async function livedPerson() {
  const given = {
    ...{ username: "zhuxiaoming", earlier: "zhu.earlier@qq.com", email: "zhu.xiaoming@qq.com" },
    ...{ mobile: "13912345678", first_name: "晓明甲", last_name: "朱乙", nickname: "小明同学甲" },
    ...{ typed: "wrong-Pass-zhu1", guardian: "zhu.guardian@qq.com" },
    // Wanted, asked a code for, and never confirmed: sent already, still waiting, asked for under another purpose.
    ...{ wanted: "zhu.wanted@qq.com", wantedNumber: "13577778888", waiting: "zhu.waiting@qq.com" },
    ...{ waitingNumber: "13577779999", otherwise: "zhu.otherwise@qq.com", atProvider: "小朱在别处" },
    ...{ ofProvider: "zhu.github@qq.com", providerKey: "zqgithub9001", ticketNumber: "13577770000" },
  };
  for (const [what, value] of Object.entries(given)) marks.set(value, what);
  const { username } = given;
  const { token, id } = await site.signUp({ username, email: given.earlier, password });
  const as = site.as(token);
  const email_code = await site.codeFor(given.email, "changeEmail", token);
  const change = { email: given.email, email_code, current_password: password };
  expect((await as({ method: "PUT", url: "/user/email/", payload: change })).statusCode).toBe(200);
  const { first_name, last_name, nickname, mobile } = given;
  const names = { first_name, last_name, nickname, mobile, current_password: password };
  expect((await as({ method: "PATCH", url: "/user/", payload: names })).statusCode).toBe(200);
  const shown = await as({
    ...{ method: "PUT", url: "/user/avatar/", payload: picture },
    headers: { "content-type": "image/png" },
  });
  expect(shown.statusCode, shown.body).toBe(200);
  marks.set(shown.json().avatar_url.split("/").at(-1).replace(".jpg", ""), "the picture's name");
  for (const name of [username, given.email, given.earlier]) {
    const payload = { username: name, password: given.typed };
    await site.anonymous({ method: "POST", url: "/users/authorizations/", payload });
  }
  await tokenOf(site, given.email);
  // Codes that are still good, mails and SMS that went and that wait.
  await site.anonymous({ url: `/verifications/email_codes/${given.email}/?send_type=resetpwd` });
  expect((await as({ method: "POST", url: "/user/export/" })).statusCode).toBe(202);
  await site.codeFor(given.wanted, "changeEmail", token);
  await site.smsCodeFor(given.wantedNumber, token);
  await site.codeFor(given.otherwise, "bindAccount", token);
  await site.runJobs();
  await site.anonymous({ url: `/verifications/email_codes/${given.email}/?send_type=bindAccount` });
  site.clock.advance(61);
  // Log-ins and resets that are under way in a browser.
  const { clock, app } = site;
  const tickets = createTickets({ kv: app.kv, clock, log: createLog("silent") });
  const profile = { nickname: given.atProvider, avatar: null, verifiedEmail: given.ofProvider };
  await tickets.issue({ provider: "github", keys: [given.providerKey], profile, userId: id });
  const found = { userId: id, mobile: given.ticketNumber, credentialsVersion: 1 };
  await createFindTickets({ kv: app.kv, clock }).issue("send", found);
  for (const url of [
    `/verifications/email_codes/${given.waiting}/?send_type=changeEmail`,
    `/verifications/sms_codes/${given.waitingNumber}/?send_type=changeMobile`,
  ]) {
    const answer = await as({ url });
    expect(answer.statusCode, answer.body).toBe(200);
  }
  return { id, given };
}

/** A row in every personal table, and what lies beside them. */
async function fill(id: number, email: string): Promise<void> {
  const { db } = site.app;
  const rows = await personalRows(db, await seedAround(db));
  for (const table of ownTables.filter((one) => one.table !== "users")) {
    await rows.insert(table.table, rows.rowOf(table, id, mark));
  }
  const users = personalTables.find(({ table }) => table === "users")!;
  const kept = new Set([
    "id",
    "username",
    "email",
    "mobile",
    "nickname",
    "first_name",
    "last_name",
    "avatar",
  ]);
  const row = Object.entries(rows.rowOf(users, null, mark)).filter(([name]) => !kept.has(name));
  await db.kysely
    .updateTable("users")
    .set({ ...Object.fromEntries(row), second_factor_at: null })
    .where("id", "=", id)
    .execute();
  const at = { table: "beside", how: "text" as const, isText: true };
  const word = (name: string) => String(mark({ ...at, name }));
  await db.kysely
    .insertInto("mailbox_messages")
    .values({
      ...{ message_id: word("message_id"), to_address: email, to_key: email, subject: word("subject") },
      ...{ text: word("text"), html: word("html"), created_at: site.clock.now(), channel: null },
    })
    .execute();
  const { name } = await db.kysely
    .selectFrom("avatars")
    .select("name")
    .where("user_id", "=", id)
    .where("name", "like", "zq%")
    .executeTakeFirstOrThrow();
  await db.kysely
    .insertInto("avatar_files")
    .values({ name, content: word("content") })
    .execute();
  const entry = { at: 1, action: "user.change", target_kind: "user", request_id: null };
  const about = { target: word("target"), before: "{}", after: `{"first_name":"${word("after")}"}` };
  const entries = [
    { ...entry, ...about, actor_id: id, actor: word("actor"), target_id: id },
    {
      ...entry,
      ...about,
      actor_id: id,
      actor: word("actor"),
      target_id: id + 1,
      target: "other",
      after: "{}",
    },
  ];
  await db.kysely.insertInto("audit_entries").values(entries).execute();
}

it("leaves nothing that the person ever gave, nor any value of any personal column", async () => {
  const root = await makePerson(site, "rootofdump", { is_superuser: 1 });
  const { id, given } = await livedPerson();
  await fill(id, given.email);
  const columns = personalTables.flatMap(({ columns: of }) => Object.keys(of));
  expect(marks.size, "a value for nearly every column").toBeGreaterThan(columns.length * 0.65);
  const reason = "zqreasonofstaff";
  marks.set(reason, "why staff erased it");
  const answer = await site.as(root.token)({
    method: "DELETE",
    url: `/admin/users/${id}/`,
    payload: { reason },
  });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  const before = await everywhere();
  const sought = [...marks].filter(([value]) => [...before.values()].some((text) => has(text, value)));
  expect(sought.length, "the search finds what is there").toBeGreaterThan(marks.size * 0.8);
  await site.runJobs();
  expect(await site.app.users.byId(id)).toBeNull();
  const found = [...(await everywhere())].flatMap(([place, text]) =>
    [...marks].filter(([value]) => has(text, value)).map(([value, from]) => `${place}: ${value} of ${from}`),
  );
  expect(found).toEqual([]);
  const gone = await site.app.db.kysely.selectFrom("deleted_accounts").select("user_id").execute();
  expect(gone).toEqual([{ user_id: id }]);
  expect(site.mailbox.at(-1)).toMatchObject({ kind: "account_deleted", to: given.email });
});

/** Also as JSON within JSON has it. */
const has = (text: string, value: string) =>
  text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1));

async function everywhere(): Promise<ReadonlyMap<string, string>> {
  const places = new Map(await dumpDatabase(site.app.db));
  if (site.config.redisUrl !== null) places.set("redis", await dumpRedis(site.config.redisUrl));
  return places.set("log", lines.join("\n"));
}
