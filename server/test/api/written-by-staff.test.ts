import { afterAll, beforeAll, expect, it } from "vitest";
import { namesSomebody } from "../../src/accounts/staff-reason.ts";
import { forgetInNotes, forgetWritten } from "../../src/rights/forget-written.ts";
import { dumpDatabase } from "../support/database-dump.ts";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A person's address and number in every text that staff and services can write: refused where no erasure finds it, and else gone with it. */
const address = "sought.person@mail.example";
const number = "13912345678";
const texts = [
  `wrote from ${address} on Monday`,
  `called from ${number}`,
  "called from 139 1234-5678",
  "called from (139)1234.5678",
  "called from +44 7700 900123",
  "wrote from SOUGHT.PERSON＠mail.example",
  "2026-11-30 139 1234 5678",
  "called from 139–1234–5678",
  "called from 一三九一二三四五六七八",
  "called from +٤٤ 7700·900123",
];
/** More spellings, each with what an erasure leaves of it. */
const spellings = [
  ["tel 139-1234-5678, again", "tel (erased), again"],
  ["tel (139)1234.5678", "tel (erased)"],
  ["tel １３９１２３４５６７８。", "tel (erased)。"],
  ["tel +86 139 1234 5678", "tel (erased)"],
  ["（+86）139－1234－5678", "(erased)"],
  ["2026-11-30 139 1234 5678", "2026-11-30 (erased)"],
  ["①13912345678", "①(erased)"],
  ["@ask, called @ 5", "@ask, called @ 5"],
  ["tel +44 139 1234 5678", "tel +44 139 1234 5678"],
  ["与SOUGHT.PERSON＠mail。example的通话", "与(erased)的通话"],
  ["ÄRGER@mail.example, xärger@mail.example", "(erased), xärger@mail.example"],
  ["+44 (0)7700-900123, 0044 7700 900123", "(erased), (erased)"],
  [`99${number}, ${number}1`, `99${number}, ${number}1`],
  ["١٣٩١٢٣٤٥٦٧٨, 一三九一二三四五六七八", "(erased), (erased)"],
  [`${number} or ${address}`, "(erased) or (erased)"],
  [`${number}@mail.example, sought.\u200bperson@mail.example`, "(erased), (erased)"],
  ["straße@mail.example, STRASSE@mail.example", "(erased), (erased)"],
  // Another's, in a country whose code is 1.
  ["+13912345678, +1 3912345678; ++8613912345678", "+13912345678, +1 3912345678; +(erased)"],
  // Signs that no address goes on with, and those that one does.
  [`-${address}, _${address}_, ...${address}--`, "-(erased), _(erased)_, ...(erased)--"],
  [`电话-${address}- 见${address}_2`, "电话-(erased)- 见(erased)_2"],
  [`x-${address}, x+${address}, ${address}-x.cn`, `x-${address}, x+${address}, ${address}-x.cn`],
  [`o'${address}, '${address}'`, `o'${address}, '(erased)'`],
  // Signs that only together are one: half width, and a syllable with an end that is put behind it.
  ["ｶﾞ@mail.example 가\u11a8@mail.example", "(erased) (erased)"],
] as const;
let site: TestApp;
let root: Person;
let person: Person;
let other: Person;
let service: string;
beforeAll(async () => {
  site = await startTestApp({ env: { DELETION_GRACE_DAYS: "1", IMPERSONATION: "on" } });
  root = await makePerson(site, "rootofwords", { is_superuser: 1 });
  person = await makePerson(site, "soughtone", { email: address });
  other = await makePerson(site, "otherofwords");
  await site.app.db.kysely.updateTable("users").set({ mobile: number }).where("id", "=", person.id).execute();
  const made = { name: "orders", scopes: ["users.hold_deletion"], networks: [], lifeSeconds: null };
  service = (await site.app.services.add({ id: null, name: "test", requestId: null }, made)).secret;
});
afterAll(() => site.close());

const send = (url: string, payload: object, method: "POST" | "DELETE" = "POST") =>
  site.as(root.token)({ method, url, payload });

async function placesOf(...values: readonly string[]): Promise<string[]> {
  const dump = [...(await dumpDatabase(site.app.db))];
  return dump.flatMap(([place, text]) =>
    values.filter((value) => text.toLowerCase().includes(value)).map((value) => `${place}: ${value}`),
  );
}

it.each(texts)("no reason has it: %s", async (reason) => {
  const ids = [other.id];
  for (const [url, more, method] of [
    ["/admin/denials/", { kind: "domain", value: "junk.example" }, "POST"],
    ["/admin/users/bulk/", { action: "disable", ids, confirm: 1 }, "POST"],
    ["/admin/blocks/unlock/", { address: "203.0.113.77" }, "POST"],
    ["/admin/blocks/unlock/", { name: "nobodyatall" }, "POST"],
    [`/admin/users/${other.id}/disable/`, {}, "POST"],
    [`/admin/users/${other.id}/enable/`, {}, "POST"],
    [`/admin/users/${other.id}/`, {}, "DELETE"],
    [`/admin/users/${other.id}/second-factor/reset/`, {}, "POST"],
    [`/admin/users/${other.id}/archive/`, {}, "POST"],
    [`/admin/users/${other.id}/look-as/`, {}, "POST"],
    [`/admin/users/${other.id}/impersonation/`, {}, "POST"],
  ] as const) {
    const answer = await send(url, { ...more, reason }, method);
    expect([url, answer.statusCode, answer.json().reason]).toEqual([
      url,
      400,
      ["理由中请勿写邮箱或手机号：它比账号保留得久。需要时请写在该账号的备注里。"],
    ]);
  }
});

it("a date, a ticket and an address that is masked already are no person's", async () => {
  for (const reason of [
    ...["ticket 20261130-000017", "2026-11-30 18:05, as s***@mail.example asked"],
    ...[
      "二〇二六年十一月三十日起三人，一共一万三千元",
      "users 15 16 17 18 19 20",
      "2026-11-30 14:00 – 2026-12-01",
    ],
  ]) {
    const answer = await send("/admin/blocks/unlock/", { address: "203.0.113.77", reason });
    expect([reason, answer.statusCode]).toEqual([reason, 200]);
  }
  // Where a form lets it in at all.
  expect(namesSomebody("called from 139\u200b1234\u200b5678")).toBe(true);
});

it("notes, holds and what earlier versions wrote lose it when its owner is erased; a denial has neither it nor its masked form in the log", async () => {
  const { kysely } = site.app.db;
  for (const id of [person.id, other.id]) {
    const answer = await send(`/admin/users/${id}/notes/`, { text: `${texts[0]}, then ${number}` });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
  }
  await send("/admin/denials/", { kind: "email", value: address, reason: "junk sign-ups" });
  // As a version before wrote them.
  const reason = `junk, see ${address.toUpperCase()}`;
  await kysely.updateTable("denials").set({ reason }).execute();
  await send(`/admin/users/${other.id}/disable/`, { reason: "ticket 17" });
  await kysely.updateTable("disablings").set({ reason }).execute();
  const run = {
    id: "run",
    actor_id: root.id,
    actor: `user#${root.id}`,
    action: "disable" as const,
    group_id: null,
  };
  await kysely
    .insertInto("bulk_runs")
    .values({ ...run, reason, total: 1, started_at: site.clock.now(), finished_at: site.clock.now() })
    .execute();
  const asked = await send(`/admin/users/${person.id}/`, { reason: "as asked for" }, "DELETE");
  expect(asked.statusCode, asked.body).toBeLessThan(300);
  const until = new Date(site.clock.now() + 2 * 86_400_000).toISOString();
  const hold = (reason: string | undefined) =>
    site.anonymous({
      ...{ method: "PUT", url: `/users/${person.id}/deletion/hold/`, payload: { reason, until } },
      headers: { authorization: `Bearer ${service}` },
    });
  expect((await hold(texts[0])).statusCode).toBe(400);
  const held = await hold("an order is unpaid");
  expect(held.statusCode, held.body).toBe(200);
  await kysely.updateTable("deletion_holds").set({ reason }).execute();
  expect(await placesOf(address, number)).not.toEqual([]);
  site.clock.advance(3 * 86_400);
  await site.app.maintenance.run();
  await site.runJobs();
  expect(await site.app.users.byId(person.id)).toBeNull();
  expect(await placesOf(address, number)).toEqual([]);
  const note = await kysely.selectFrom("user_notes").select("text").executeTakeFirst();
  expect(note).toEqual({ text: "wrote from (erased) on Monday, then (erased)" });
  // Its masked form is where its end is, and nowhere else.
  const masked = await placesOf("s***@mail.example");
  expect(masked).toEqual([expect.stringContaining("denials")]);
});

it("is taken out alone: neither the end of a longer address nor digits within others", async () => {
  const { db } = site.app;
  const text = `x${address}, ${address}.cn, 99${number}1; 与${address}的通话，+86${number}。`;
  // Days have passed.
  root = { ...root, token: await tokenOf(site, root.username) };
  expect((await send(`/admin/users/${other.id}/notes/`, { text })).statusCode).toBe(201);
  await forgetWritten(db, [address, number, "1234567"]);
  const notes = await db.kysely
    .selectFrom("user_notes")
    .select("text")
    .where("user_id", "=", other.id)
    .execute();
  expect(notes.map((note) => note.text)).toContain(
    `x${address}, ${address}.cn, 99${number}1; 与(erased)的通话，(erased)。`,
  );
});

it("is taken out in every spelling, of notes before and in the transaction and of reasons, and what stands around it stays", async () => {
  const { db } = site.app;
  const { kysely } = db;
  const own = [address, number, `${number}@mail.example`, "ärger@mail.example", "+447700900123"];
  const others = ["ガ@mail.example", "각@mail.example", "strasse@mail.example"];
  // The last are user names that an operator gave.
  const keys = [...own, ...others, "@ask", "@", "called"];
  const left = spellings.map(([, after]) => after);
  const texts = async () => {
    const notes = kysely.selectFrom("user_notes").select("text").where("user_id", "=", other.id);
    return (await notes.orderBy("id").execute()).map(({ text }) => text);
  };
  const write = async () => {
    await kysely.deleteFrom("user_notes").where("user_id", "=", other.id).execute();
    const rows = spellings.map(([text], at) => ({
      ...{ id: `spelling${String(at).padStart(3, "0")}`, user_id: other.id, text },
      ...{ author: "staff", created_at: site.clock.now() },
    }));
    await kysely.insertInto("user_notes").values(rows).execute();
  };
  await write();
  const seen = await forgetInNotes(db, keys, site.clock.now());
  expect(await texts()).toEqual(left);
  await write();
  await db.transaction((one) => forgetWritten(one, keys, seen));
  expect(await texts()).toEqual(left);
  for (const [reason, after] of spellings) {
    await kysely.updateTable("denials").set({ reason }).execute();
    await forgetWritten(db, keys.toReversed());
    const denied = await kysely.selectFrom("denials").select("reason").executeTakeFirst();
    expect(denied).toEqual({ reason: after });
  }
});
