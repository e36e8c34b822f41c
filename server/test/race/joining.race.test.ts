import { afterAll, beforeAll, expect, it } from "vitest";
import { join, makeBound, ready } from "../support/joining.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Two servers on one database: whatever is done with either account while one goes into the other comes before or after it. There is
 * neither half a join nor a binding, a session or a group of nobody's, and nobody sees a fault.
 */
const rounds = 5;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
let root: Person;
let group: number;
let count = 0;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
  root = await makePerson(test, "raceroot", { is_superuser: 1 });
  const made = await test.app.db.transaction((transaction) =>
    test.app.groups.add(transaction, { name: "racers", permissions: [] }),
  );
  group = made.id;
});
afterAll(async () => {
  await second.close();
  await test.close();
});

type Answer = Awaited<ReturnType<TestApp["anonymous"]>>;

interface Pair {
  readonly kept: Person;
  readonly joined: Person & { readonly accountKey: string };
  readonly sent: { readonly ticket: string; readonly digest: string };
}

async function makePair(): Promise<Pair> {
  const [kept, joined] = [await makePerson(test, `kept${++count}`), await makeBound(test, `joined${count}`)];
  return { kept, joined, sent: await ready(test, kept, joined) };
}

const as =
  (site: Pick<TestApp, "as">, { token }: Person, method: "POST" | "PUT" | "PATCH" | "DELETE") =>
  (url: string, payload?: object): Promise<Answer> =>
    site.as(token)({ method, url, ...(payload === undefined ? {} : { payload }) });

async function idsIn(table: "users" | "bindings" | "sessions" | "user_groups" | "login_names", id: number) {
  const column = table === "users" ? "id" : "user_id";
  return (
    await test.app.db.kysely
      .selectFrom(table as "sessions")
      .selectAll()
      .where(column as "user_id", "=", id)
      .execute()
  ).length;
}

/** The joined account is whole, or all of it is gone and its binding is the kept one's; returns which. */
async function expectWhole({ kept, joined }: Pair): Promise<"joined" | "apart"> {
  const isThere = (await idsIn("users", joined.id)) === 1;
  const bound = await test.app.db.kysely
    .selectFrom("bindings")
    .select("user_id")
    .where("account_key", "=", joined.accountKey)
    .execute();
  const rows = await test.app.db.kysely
    .selectFrom("account_joins")
    .select("user_id")
    .where("joined_id", "=", joined.id)
    .execute();
  if (isThere) {
    expect(rows).toEqual([]);
    expect(bound).toEqual([{ user_id: joined.id }]);
    return "apart";
  }
  for (const table of ["bindings", "sessions", "user_groups", "login_names"] as const) {
    expect([table, await idsIn(table, joined.id)]).toEqual([table, 0]);
  }
  expect(rows).toEqual([{ user_id: kept.id }]);
  return "joined";
}

const faults = (answers: readonly Answer[]) =>
  answers.filter(({ statusCode }) => statusCode >= 500).map(({ statusCode, body }) => [statusCode, body]);

const deletion = { current_password: password };

it.each([
  [
    "a deletion of the joined account",
    ({ joined }: Pair) => [as(second, joined, "POST")("/user/deletion/", deletion)],
  ],
  [
    "a deletion of the kept account",
    ({ kept }: Pair) => [as(second, kept, "POST")("/user/deletion/", deletion)],
  ],
  [
    "log-ins of the joined account",
    ({ joined }: Pair) =>
      [test, second, test, second].map((site) =>
        site.anonymous({
          ...{ method: "POST", url: "/users/authorizations/" },
          payload: { username: joined.username, password, refresh: true },
        }),
      ),
  ],
  [
    "a new password of the joined account",
    ({ joined }: Pair) => [
      as(
        second,
        joined,
        "PUT",
      )("/user/password/", {
        ...{
          current_password: password,
          password: "three quiet lanterns",
          password2: "three quiet lanterns",
        },
      }),
    ],
  ],
  [
    "a group and a permission for the joined account",
    ({ joined }: Pair) => [
      as(second, root, "PUT")(`/admin/users/${joined.id}/groups/`, { groups: [group] }),
      as(second, root, "PUT")(`/admin/users/${joined.id}/permissions/`, { permissions: ["users.view_user"] }),
    ],
  ],
  [
    "being disabled",
    ({ joined }: Pair) => [as(second, root, "PATCH")(`/admin/users/${joined.id}/`, { is_active: false })],
  ],
  [
    "becoming staff of the kept account",
    ({ kept }: Pair) => [as(second, root, "PATCH")(`/admin/users/${kept.id}/`, { is_staff: true })],
  ],
  ["an unbinding", ({ joined }: Pair) => [as(second, joined, "DELETE")("/user/bindings/qq/")]],
  [
    "another name",
    ({ joined }: Pair) => [
      as(
        second,
        joined,
        "PUT",
      )("/user/username/", { username: `${joined.username}x`, current_password: password }),
    ],
  ],
] as const)("%s at the same moment", async (what, meanwhile) => {
  for (let round = 0; round < rounds; round++) {
    const pair = await makePair();
    const [answer, ...others] = await Promise.all([join(test, pair.kept, pair.sent), ...meanwhile(pair)]);
    expect(faults([answer!, ...others])).toEqual([]);
    if (what === "an unbinding" && others[0]!.statusCode === 204) continue;
    const isDone = (await expectWhole(pair)) === "joined";
    expect(isDone).toBe(answer!.statusCode === 200);
  }
});

it("a refresh token of the joined account renews nothing afterwards", async () => {
  for (let round = 0; round < rounds; round++) {
    const pair = await makePair();
    const payload = { username: pair.joined.username, password, refresh: true };
    const entered = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    const { refresh_token } = entered.json();
    const renew = () =>
      second.anonymous({ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token } });
    const [answer, renewed] = await Promise.all([join(test, pair.kept, pair.sent), renew()]);
    expect(faults([answer!, renewed!])).toEqual([]);
    expect(await expectWhole(pair)).toBe("joined");
    if (renewed!.statusCode !== 200) continue;
    const own = await test.as(renewed!.json().token)({ url: "/user/" });
    expect(own.statusCode).toBe(401);
  }
});

it("the same ticket shown by many at once: one join", async () => {
  const pair = await makePair();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => join(i % 2 === 0 ? test : second, pair.kept, pair.sent)),
  );
  expect(faults(answers)).toEqual([]);
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
  expect(await expectWhole(pair)).toBe("joined");
  const entries = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("action")
    .where("target_id", "in", [pair.kept.id, pair.joined.id])
    .where("action", "like", "user.join%")
    .execute();
  expect(entries).toHaveLength(2);
});

it("each into the other at once: one stays", async () => {
  for (let round = 0; round < rounds; round++) {
    const one = await makeBound(test, `one${++count}`);
    const other = await makeBound(test, `other${count}`);
    const [there, back] = [await ready(test, one, other), await ready(test, other, one)];
    const answers = await Promise.all([join(test, one, there), join(second, other, back)]);
    expect(faults(answers)).toEqual([]);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await idsIn("users", one.id)) + (await idsIn("users", other.id))).toBe(1);
    const bound = await test.app.db.kysely
      .selectFrom("bindings")
      .select("user_id")
      .where("account_key", "in", [one.accountKey, other.accountKey])
      .execute();
    expect(new Set(bound.map(({ user_id }) => user_id)).size).toBe(1);
    expect(bound).toHaveLength(2);
  }
});

it("one account into two others at once: into one of them", async () => {
  for (let round = 0; round < rounds; round++) {
    const { kept, joined, sent } = await makePair();
    const rival = await makePerson(test, `rival${++count}`);
    const toRival = await ready(test, rival, joined);
    const answers = await Promise.all([join(test, kept, sent), join(second, rival, toRival)]);
    expect(faults(answers)).toEqual([]);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await idsIn("bindings", kept.id)) + (await idsIn("bindings", rival.id))).toBe(1);
  }
});
