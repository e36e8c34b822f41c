import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { removeAccount } from "../../src/accounts/change.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Entries of the audit log that are written while somebody in them is erased: the name goes with them. */
let site: TestApp;
let root: Person;
const alarms: string[] = [];
const log = createLog("error", { write: (line) => void alarms.push(line) });
const deps = () => ({ db: site.app.db, clock: site.clock, secretKeys: [testSecretKey] as const, log });
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
beforeEach(() => {
  alarms.length = 0;
});
afterAll(() => site.close());

/** Long enough for whoever doesn't wait. */
const aMoment = () => setTimeout(700);

/** An erasure that has gone through the log, and ends only when `meanwhile` has had its time. */
async function erasedWhile<Result>(id: number, meanwhile: () => Promise<Result>): Promise<Result> {
  let begun: Promise<Result> | undefined;
  await site.app.db.transaction(async (transaction) => {
    await site.app.users.lock(transaction, id);
    await pseudonymise(transaction, id, []);
    begun = meanwhile();
    await aMoment();
    await removeAccount(transaction, id);
    await insertDeleted(transaction, [testSecretKey], { user_id: id, deleted_at: site.clock.now() });
  });
  return begun!;
}

const entriesOf = (id: number) =>
  site.app.db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where((row) => row.or([row("target_id", "=", id), row("actor_id", "=", id)]))
    .orderBy("id")
    .execute();

const rename = ({ token }: Person, id: number, first_name: string) =>
  site.as(token)({ method: "PATCH", url: `/admin/users/${id}/`, payload: { first_name } });

/** The log has nothing of the name, the chain holds, and when it goes it goes without an alarm. */
async function expectGone(id: number, name: string): Promise<void> {
  const { db, kysely } = { db: site.app.db, kysely: site.app.db.kysely };
  expect(JSON.stringify(await entriesOf(id))).not.toContain(name);
  const chain = createAuditChain(deps());
  site.clock.advance(61);
  await chain.linkAll();
  const keys = await kysely
    .selectFrom("audit_keys")
    .selectAll()
    .where("subject", "=", `user:${id}`)
    .execute();
  expect(keys).toEqual([]);
  expect(await verifyChain(db, [testSecretKey], null)).toMatchObject({ findings: [], notLinked: 0 });
  const about = (await entriesOf(id)).filter(({ target_id }) => target_id === id);
  expect(await purgeErased(deps(), site.clock.now(), 100)).toBe(about.length);
  expect(await verifyChain(db, [testSecretKey], null)).toMatchObject({ findings: [] });
  expect(alarms).toEqual([]);
}

async function linked(name: string, standing: Parameters<typeof makePerson>[2] = {}): Promise<Person> {
  const person = await makePerson(site, name, { email: `${name}@example.com`, ...standing });
  await rename(root, person.id, "Somebody");
  const chain = createAuditChain(deps());
  await chain.begin();
  site.clock.advance(61);
  await chain.linkAll();
  return person;
}

it.each(["archive", "reveal"])(
  "%s beside an erasure: nothing is handed out, no name is left",
  async (route) => {
    const { id, username } = await linked(`leaver-${route}`);
    const answer = await erasedWhile(id, () =>
      site.as(root.token)({
        ...{ method: "POST", url: `/admin/users/${id}/${route}/` },
        ...(route === "archive" ? { payload: { reason: "asked by letter" } } : {}),
      }),
    );
    expect(answer.statusCode, answer.body).toBe(404);
    await expectGone(id, username);
  },
);

it("an entry by and about somebody who is erased meanwhile has the id alone, whoever writes it", async () => {
  const { id, username } = await linked("leaver-late");
  const { audit, db } = site.app;
  await erasedWhile(id, () =>
    audit.record(
      db,
      { id, name: username, requestId: null },
      {
        ...{ action: "user.change", targetKind: "user", targetId: id, target: username },
        ...{ before: { first_name: username }, after: { first_name: `${username}1`, is_active: 1 } },
      },
    ),
  );
  const last = (await entriesOf(id)).at(-1)!;
  expect([last.actor, last.target, last.before, last.after]).toEqual([
    ...[`user#${id}`, `user#${id}`],
    ...['{"first_name":"(erased)"}', '{"first_name":"(erased)","is_active":1}'],
  ]);
  await expectGone(id, username);
});

it("what staff do while they are erased themselves is theirs by the id", async () => {
  const other = await makePerson(site, "somebody1");
  const standing = { is_staff: 1, permissions: ["users.change_user", "users.view_user"] } as const;
  const clerk = await linked("clerk-late", standing);
  const answer = await erasedWhile(clerk.id, () => rename(clerk, other.id, "Else"));
  expect(answer.statusCode, answer.body).toBe(200);
  expect((await entriesOf(clerk.id)).at(-1)).toMatchObject({
    ...{ actor_id: clerk.id, actor: `user#${clerk.id}`, target: "somebody1" },
  });
  await expectGone(clerk.id, "clerk-late");
});

it("an erasure waits for what they are writing themselves, and finds it", async () => {
  const { id, username } = await linked("leaver-waits");
  let erasing: Promise<void> | undefined;
  const { audit, db } = site.app;
  await db.transaction(async (transaction) => {
    // About somebody else: of whom it is about, the event has their row locked already.
    await audit.record(
      transaction,
      { id, name: username, requestId: null },
      {
        ...{ action: "user.change", targetKind: "user", targetId: root.id, target: root.username },
        ...{ before: {}, after: { first_name: "Else" } },
      },
    );
    erasing = erasedWhile(id, async () => {});
    await aMoment();
  });
  await erasing;
  expect((await entriesOf(id)).filter(({ actor_id }) => actor_id === id)).toHaveLength(1);
  await expectGone(id, username);
});

it("whoever writes of many in one transaction takes no lock for each", async () => {
  const { audit, db } = site.app;
  await db
    .transaction(async (transaction) => {
      for (let targetId = 800_000; targetId < 802_500; targetId++) {
        await audit.record(
          transaction,
          { id: null, name: "wang (manage)", requestId: null },
          {
            ...{ action: "user.create", targetKind: "user", targetId, target: "seeded" },
            ...{ before: {}, after: { is_active: 1 } },
          },
        );
      }
      if (transaction.engine === "postgres") {
        const held = await sql<{ count: string }>`select count(*) as count from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid()`.execute(transaction.kysely);
        expect(Number(held.rows[0]!.count)).toBeLessThanOrEqual(1024);
      }
      throw new Error("undone");
    })
    .catch((error: unknown) => expect(error).toMatchObject({ message: "undone" }));
});

it("two who change each other at once both do", async () => {
  const others = await Promise.all(
    ["mutual01", "mutual02"].map((name) => makePerson(site, name, { is_superuser: 1 })),
  );
  const [one, other] = others as [Person, Person];
  for (let n = 0; n < 5; n++) {
    const answers = await Promise.all([rename(one, other.id, `a${n}`), rename(other, one.id, `b${n}`)]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  }
});

it("what a program of before writes of somebody gone gets no key, and goes with what is left of them", async () => {
  const { id, username } = await linked("leaver-0-7-0");
  const { kysely } = site.app.db;
  await kysely
    .updateTable("users")
    .set({ deletion_due_at: site.clock.now() - 1 })
    .where("id", "=", id)
    .execute();
  await site.app.maintenance.run();
  await site.runJobs();
  const late = {
    at: site.clock.now(),
    actor_id: id,
    actor: username,
    action: "user.reveal",
    target_kind: "user",
  };
  await kysely
    .insertInto("audit_entries")
    .values({ ...late, target_id: id, target: username, before: "{}", after: "{}", request_id: null })
    .execute();
  await createAuditChain(deps()).linkAll();
  site.clock.advance(61);
  await createAuditChain(deps()).linkAll();
  const keys = kysely.selectFrom("audit_keys").selectAll().where("subject", "=", `user:${id}`);
  expect(await keys.execute()).toEqual([]);
  site.clock.advance(301);
  await site.runJobs();
  await expectGone(id, username);
});
