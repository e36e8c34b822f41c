import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { resignLinks } from "../../src/audit/resign-links.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import type { SecretKeys } from "../../src/kernel/keys.ts";
import { createLog } from "../../src/kernel/log.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What somebody with the database in their hands does to the audit log, and that it is seen. */
const keys: SecretKeys = [testSecretKey];
const otherKey = "another-key-of-somebody-who-has-the-database-alone";
let test: TestApp;
let root: Person;

const chainUnder = (secretKeys: SecretKeys) =>
  createAuditChain({ log: createLog("silent"), db: test.app.db, clock: test.clock, secretKeys });
const verify = (secretKeys: SecretKeys = keys, noted: string | null = null) => {
  const [entryId, hash] = noted?.split(":") ?? [];
  const head = hash === undefined ? null : { entryId: Number(entryId), hash };
  return verifyChain(test.app.db, secretKeys, head);
};
async function link(secretKeys = keys): Promise<void> {
  // Older than any transaction can be.
  test.clock.advance(61);
  await chainUnder(secretKeys).linkAll();
}
const entriesAbout = (id: number) =>
  test.app.db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("target_kind", "=", "user")
    .where("target_id", "=", id)
    .orderBy("id")
    .execute();
const change = (id: number, payload: object) =>
  test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload });
interface Changed {
  readonly target?: string;
  readonly after?: string;
  readonly before?: string;
  readonly actor?: string;
  readonly on_behalf_of?: number;
}
const setEntry = (id: number, values: Changed) =>
  test.app.db.kysely.updateTable("audit_entries").set(values).where("id", "=", id).execute();
async function makeEntries(name: string) {
  const { id } = await makePerson(test, name, { email: `${name}@example.com` });
  for (const first_name of ["三", "四", "五"]) await change(id, { first_name });
  await change(id, { is_active: false });
  await link();
  return { id, entries: await entriesAbout(id) };
}

beforeAll(async () => {
  test = await startTestApp();
  root = await makePerson(test, "rootuser", { is_superuser: 1, email: "root@example.com" });
});
afterAll(() => test.close());

it("without a beginning there is no chain; then every entry from the oldest on is in it", async () => {
  await change(root.id, { first_name: "早" });
  await link();
  expect(await verify()).toMatchObject({ linked: 0, head: null, found: 0 });
  await chainUnder(keys).begin();
  await makeEntries("first001");
  const { linked, notLinked, findings, head } = await verify();
  const all = await test.app.db.kysely.selectFrom("audit_entries").select("id").execute();
  expect({ linked, notLinked, findings }).toEqual({ linked: all.length, notLinked: 0, findings: [] });
  expect(head).toMatch(/^\d+:[\w-]{43}$/);
  expect(await verify(keys, head)).toMatchObject({ found: 0 });
});

describe("a log that was tampered with", () => {
  let about: Awaited<ReturnType<typeof makeEntries>>;
  let count = 0;
  beforeEach(async () => {
    count++;
    about = await makeEntries(`tamper0${count}`);
    expect(await verify()).toMatchObject({ found: 0 });
    const { entries } = about;
    return async () => {
      for (const { id, ...values } of entries) {
        const { kysely } = test.app.db;
        await kysely.deleteFrom("audit_entries").where("id", "=", id).execute();
        await kysely
          .insertInto("audit_entries")
          .values({ id, ...values })
          .execute();
      }
      expect(await verify()).toMatchObject({ found: 0 });
    };
  });

  it("what is nobody's was changed", async () => {
    const last = about.entries.at(-1)!;
    await setEntry(last.id, { after: '{"is_active":1}' });
    expect((await verify()).findings).toEqual([
      { entryId: last.id, what: "changed" },
      { entryId: last.id, what: "value_changed" },
    ]);
  });

  it("in whose place somebody did it was put in", async () => {
    const [first] = about.entries;
    await setEntry(first!.id, { on_behalf_of: about.id });
    expect((await verify()).findings).toEqual([{ entryId: first!.id, what: "changed" }]);
  });

  it("a person's value, or who did it, was changed", async () => {
    const [first, second] = about.entries;
    await setEntry(first!.id, { after: '{"first_name":"六"}' });
    await setEntry(second!.id, { actor: "somebody" });
    expect((await verify()).findings).toEqual([
      { entryId: first!.id, what: "value_changed" },
      { entryId: second!.id, what: "value_changed" },
    ]);
  });

  it("the values of somebody who is still here were blanked, with their key or without", async () => {
    const [first] = about.entries;
    const blank = {
      target: `user#${about.id}`,
      before: '{"first_name":"(erased)"}',
      after: '{"first_name":"(erased)"}',
    };
    await setEntry(first!.id, blank);
    expect((await verify()).findings).toEqual([{ entryId: first!.id, what: "value_changed" }]);
    const subject = `user:${about.id}`;
    const { kysely } = test.app.db;
    const key = await kysely
      .selectFrom("audit_keys")
      .selectAll()
      .where("subject", "=", subject)
      .executeTakeFirstOrThrow();
    await kysely.deleteFrom("audit_keys").where("subject", "=", subject).execute();
    const found = (await verify()).findings;
    expect(found).toContainEqual({ entryId: first!.id, what: "blanked" });
    // Without the key what was not blanked can't be vouched for either.
    expect(found).toHaveLength(about.entries.length);
    await kysely.insertInto("audit_keys").values(key).execute();
  });

  it("one was removed, one was put in", async () => {
    const [first, second] = about.entries;
    const { kysely } = test.app.db;
    await kysely.deleteFrom("audit_entries").where("id", "=", second!.id).execute();
    const links = await kysely
      .selectFrom("audit_links")
      .selectAll()
      .where("entry_id", "=", second!.id)
      .execute();
    expect((await verify()).findings).toEqual([{ entryId: second!.id, what: "missing" }]);
    await kysely.deleteFrom("audit_links").where("entry_id", "=", second!.id).execute();
    await kysely
      .insertInto("audit_entries")
      .values({ ...first!, id: second!.id })
      .execute();
    expect((await verify()).findings).toEqual(
      expect.arrayContaining([
        { entryId: second!.id + 1, what: "broken" },
        { entryId: second!.id, what: "added" },
      ]),
    );
    await kysely.insertInto("audit_links").values(links).execute();
  });

  it("it was said to have been purged, by somebody without the key", async () => {
    const [first] = about.entries;
    const { kysely } = test.app.db;
    const links = await kysely
      .selectFrom("audit_links")
      .selectAll()
      .where("entry_id", "=", first!.id)
      .execute();
    await kysely.deleteFrom("audit_entries").where("id", "=", first!.id).execute();
    const forged = { purged_at: test.clock.now(), signature: "x".repeat(43) };
    await kysely.updateTable("audit_links").set(forged).where("entry_id", "=", first!.id).execute();
    expect((await verify()).findings).toEqual([
      { entryId: first!.id, what: "signature" },
      { entryId: first!.id, what: "missing" },
    ]);
    await kysely.updateTable("audit_links").set(links[0]!).where("entry_id", "=", first!.id).execute();
  });

  it("its end was cut off: seen by a head that was noted", async () => {
    const { head } = await verify();
    const { kysely } = test.app.db;
    const cut = about.entries[1]!.id;
    const links = await kysely.selectFrom("audit_links").selectAll().where("entry_id", ">", cut).execute();
    const entries = await kysely.selectFrom("audit_entries").selectAll().where("id", ">", cut).execute();
    await kysely.deleteFrom("audit_links").where("entry_id", ">", cut).execute();
    await kysely.deleteFrom("audit_entries").where("id", ">", cut).execute();
    // It ends within a pass, where nothing is signed, and before the mark.
    const end = Number(head!.split(":")[0]);
    expect((await verify(keys, head)).findings).toEqual([
      { entryId: cut, what: "signature" },
      { entryId: end, what: "missing" },
      { entryId: end, what: "head" },
    ]);
    await kysely.insertInto("audit_entries").values(entries).execute();
    await kysely.insertInto("audit_links").values(links).execute();
  });

  it("the whole chain was made anew, without SECRET_KEY", async () => {
    const { head } = await verify();
    const { kysely } = test.app.db;
    const before = await kysely.selectFrom("audit_links").selectAll().execute();
    await setEntry(about.entries.at(-1)!.id, { after: '{"is_active":1}' });
    await kysely.deleteFrom("audit_links").execute();
    await kysely.updateTable("audit_marks").set({ entry_id: 0 }).where("name", "=", "chain").execute();
    await link([otherKey]);
    const { findings } = await verify(keys, head);
    expect(new Set(findings.map(({ what }) => what))).toEqual(new Set(["signature", "head"]));
    await kysely.deleteFrom("audit_links").execute();
    await kysely.insertInto("audit_links").values(before).execute();
    await kysely
      .updateTable("audit_marks")
      .set({ entry_id: before.at(-1)!.entry_id })
      .where("name", "=", "chain")
      .execute();
  });
});

it("holds after an erasure, without a key of the person, and after the purge that follows", async () => {
  const { id, entries } = await makeEntries("leaving01");
  await change(id, { is_active: true });
  const { token } = await test
    .anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: "leaving01", password },
    })
    .then((answer) => answer.json());
  await test.as(token)({ method: "POST", url: "/user/deletion/", payload: { current_password: password } });
  await link();
  const { head } = await verify();
  await test.runJobs();
  test.clock.advance(8 * 86_400);
  await test.app.maintenance.run();
  await test.runJobs();
  await link();

  const left = await entriesAbout(id);
  expect(JSON.stringify(left)).not.toMatch(/leaving01|三/);
  const { kysely } = test.app.db;
  const kept = await kysely
    .selectFrom("audit_keys")
    .select("subject")
    .where("subject", "=", `user:${id}`)
    .execute();
  expect(kept).toEqual([]);
  const after = await verify(keys, head);
  expect(after.findings).toEqual([]);
  expect(after.erased).toBeGreaterThanOrEqual(entries.length);

  const deps = { log: createLog("silent"), db: test.app.db, clock: test.clock, secretKeys: keys };
  const purged = await purgeErased(deps, test.clock.now(), 1000);
  expect(purged).toBe(left.length);
  expect(await verify(keys, head)).toMatchObject({ purged, findings: [] });
});

it("is signed anew where SECRET_KEY takes another's place", async () => {
  const both: SecretKeys = [otherKey, testSecretKey];
  const { head, findings } = await verify(both);
  expect(findings).toEqual([]);
  expect((await verify([otherKey])).found).toBeGreaterThan(0);
  const count = await test.app.db.transaction((transaction) => resignLinks(transaction, both));
  expect(count).toBeGreaterThan(0);
  expect(await verify([otherKey], head)).toMatchObject({ found: 0 });
  expect(await test.app.db.transaction((transaction) => resignLinks(transaction, both))).toBe(0);
});
