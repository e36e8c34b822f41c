import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** A third party that is bound to an account while that is erased: whichever comes first, nothing of the person is left. */
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { OAUTH_TIMEOUT_MS: "15000" } });
});
afterAll(() => third.close());

const rounds = 6;
const makeDue = (id: number) =>
  third.test.app.db.kysely
    .updateTable("users")
    .set({ deletion_due_at: third.test.clock.now() - 1 })
    .where("id", "=", id)
    .execute();
async function eraseNow(): Promise<void> {
  await third.test.app.maintenance.run();
  await third.test.runJobs();
}
/** Every row of every table but what lives for minutes, as text. */
async function dump(): Promise<string> {
  const { kysely } = third.test.app.db;
  const tables = (await kysely.introspection.getTables()).map(({ name }) => name);
  const rows = await Promise.all(
    tables
      .filter((name) => name !== "kv")
      .map(async (name) => [
        name,
        await kysely
          .selectFrom(name as "users")
          .selectAll()
          .execute(),
      ]),
  );
  return JSON.stringify(rows);
}
/** The account is gone, with all that its third party said of the person. */
async function expectNothing(id: number, provider: string, words: readonly string[]): Promise<void> {
  await eraseNow();
  // What was under way in that moment goes five minutes later.
  third.test.clock.advance(301);
  await third.test.runJobs();
  const { kysely } = third.test.app.db;
  expect(await kysely.selectFrom("users").select("id").where("id", "=", id).execute()).toEqual([]);
  const bound = kysely.selectFrom("bindings").select("user_id").where("provider", "=", provider);
  expect(await bound.execute()).toEqual([]);
  const left = await dump();
  expect(words.filter((word) => left.includes(word))).toEqual([]);
}

it("a logged-in owner binds while the account is erased", async () => {
  for (let round = 0; round < rounds; round++) {
    const username = `bindrace${round}`;
    const person = await makePerson(third.test, username, { email: `${username}@example.com` });
    const { code, state } = await third.authorize("weibo", { person: "xiaomei", token: person.token });
    await makeDue(person.id);
    const bind = () =>
      third.test.as(person.token)({
        ...{ method: "POST", url: "/user/bindings/weibo/", payload: { code, state } },
      });
    const [answer] = await Promise.all(
      round % 2 === 0 ? [bind(), eraseNow()] : [bind(), eraseNow(), eraseNow()],
    );
    expect([201, 401, 403]).toContain(answer.statusCode);
    await expectNothing(person.id, "weibo", [username]);
  }
});

it("a first log-in is bound to an account, by its address and password, while that is erased", async () => {
  for (let round = 0; round < rounds; round++) {
    const username = `ticketrace${round}`;
    const email = `${username}@example.com`;
    const person = await makePerson(third.test, username, { email });
    const { bind_token } = await third.logIn("github", "emoji");
    const email_code = await third.test.codeFor(email, "bindAccount");
    await makeDue(person.id);
    const payload = { bind_token, email, email_code, password, allow: "true" };
    const bind = () => third.test.anonymous({ method: "POST", url: "/oauth/github/user/", payload });
    const [answer] = await Promise.all([bind(), eraseNow()]);
    expect(answer.statusCode, answer.body).toBeLessThan(500);
    // Where nothing was bound a new account may have been made, which is another person's for all we know: not here.
    await expectNothing(person.id, "github", [username]);
    third.test.clock.advance(120);
  }
});

it("a log-in by a third party while its account is erased leaves neither the binding nor what came with it", async () => {
  for (let round = 0; round < rounds; round++) {
    const made = await third.createBound("qq", "penguin", `loginrace${round}`);
    const { id } = made as { id: number };
    const callback = await third.authorize("qq", { person: "penguin" });
    await makeDue(id);
    const [answer] = await Promise.all([third.finish("qq", callback), eraseNow()]);
    expect(answer.statusCode, answer.body).toBeLessThan(500);
    await expectNothing(id, "qq", [`loginrace${round}`]);
    third.test.clock.advance(120);
  }
});

it("a third party that is bound while the deletion is asked for lets nobody in", async () => {
  for (let round = 0; round < rounds; round++) {
    const username = `askrace${round}`;
    const person = await makePerson(third.test, username, { email: `${username}@example.com` });
    const { code, state } = await third.authorize("weibo", { person: "xiaomei", token: person.token });
    const as = third.test.as(person.token);
    const [asked, bound] = await Promise.all([
      as({ method: "POST", url: "/user/deletion/", payload: { current_password: password } }),
      as({ method: "POST", url: "/user/bindings/weibo/", payload: { code, state } }),
    ]);
    expect(asked.statusCode, asked.body).toBe(202);
    expect([201, 401, 403]).toContain(bound.statusCode);
    if (bound.statusCode === 201) {
      const entered = await third.finish("weibo", await third.authorize("weibo", { person: "xiaomei" }));
      expect([entered.statusCode, entered.json().code]).toEqual([400, "deletion_pending"]);
    }
    await makeDue(person.id);
    await expectNothing(person.id, "weibo", [username]);
    third.test.clock.advance(120);
  }
});
