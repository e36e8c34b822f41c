import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A name that is given up at the moment when others want it: it never changes hands. */
describe("a name that is given up, at once", () => {
  let test: TestApp;
  const current_password = "12345678aA";
  beforeAll(async () => {
    test = await startTestApp({ env: { USERNAME_CHANGE_DAYS: "0" } });
  });
  afterAll(() => test.close());

  const rename = (token: string, username: string) =>
    test.as(token)({ method: "PUT", url: "/user/username/", payload: { username, current_password } });
  const holdersOf = async (nameKey: string) =>
    (
      await test.app.db.kysely
        .selectFrom("login_names")
        .select("user_id")
        .where("name_key", "=", nameKey)
        .execute()
    ).map((row) => row.user_id);

  it("while it is given up, and after, two strangers get nothing; the owner gets it back", async () => {
    const owner = await test.signUp({ username: "python01", email: "44@qq.com" });
    const strangers = [
      await test.signUp({ username: "stranger1", email: "45@qq.com" }),
      await test.signUp({ username: "stranger2", email: "46@qq.com" }),
    ];
    for (const round of [1, 2, 3]) {
      const away = await Promise.all([
        rename(owner.token, `away-${round}`),
        ...strangers.map(({ token }) => rename(token, "python01")),
      ]);
      expect(away.map(({ statusCode }) => statusCode)).toEqual([200, 400, 400]);
      expect(await holdersOf("python01")).toEqual([]);
      const back = await Promise.all([
        ...strangers.map(({ token }) => rename(token, "python01")),
        rename(owner.token, "python01"),
        ...strangers.map(({ token }) => rename(token, "python01")),
      ]);
      expect(back.map(({ statusCode }) => statusCode)).toEqual([400, 400, 200, 400, 400]);
      expect(await holdersOf("python01")).toEqual([owner.id]);
    }
  });

  it("of the owner's own changes at once one after another counts, and each name is held or had once", async () => {
    const owner = await test.signUp({ username: "python02", email: "47@qq.com" });
    const wanted = ["name-1", "name-2", "name-3", "name-4"];
    const answers = await Promise.all(wanted.map((name) => rename(owner.token, name)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    const { username } = (await test.as(owner.token)({ url: "/user/" })).json();
    const held = await test.app.db.kysely
      .selectFrom("held_names")
      .select("name_key")
      .where("user_id", "=", owner.id)
      .execute();
    const names = [...held.map((row) => row.name_key), username];
    expect(names.sort()).toEqual([...wanted, "python02"].sort());
  });

  it("with a bound between changes, of several at once one goes through", async () => {
    const bounded = await startTestApp();
    try {
      const { token } = await bounded.signUp({ username: "python03", email: "48@qq.com" });
      const answers = await Promise.all(
        [1, 2, 3, 4].map((n) =>
          bounded.as(token)({
            method: "PUT",
            url: "/user/username/",
            payload: { username: `name-${n}`, current_password },
          }),
        ),
      );
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400, 400, 400]);
    } finally {
      await bounded.close();
    }
  });
});
