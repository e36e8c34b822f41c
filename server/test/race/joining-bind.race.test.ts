import { afterAll, beforeAll, expect, it } from "vitest";
import { join, ready } from "../support/joining.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** A third party of an account that goes into another at the moment when somebody logs in by it, or binds one more to the account. */
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
afterAll(() => third.close());

const providers = ["qq", "weibo", "github", "wechat", "apple", "oidc"] as const;

/** An account that the provider made, with the password of everybody here, and one that it is to go into. */
async function makePair(provider: string, what: string): Promise<{ kept: Person; joined: Person }> {
  const { kysely } = third.test.app.db;
  const kept = await makePerson(third.test, `${what}kept${provider}`);
  const username = `${what}gone${provider}`;
  const made = await third.createBound(provider, "penguin", username);
  const { password_hash } = await kysely
    .selectFrom("users")
    .select("password_hash")
    .where("id", "=", kept.id)
    .executeTakeFirstOrThrow();
  const id = Number(made.user_id);
  await kysely.updateTable("users").set({ password_hash }).where("id", "=", id).execute();
  return { kept, joined: { id, username, token: String(made.token) } };
}

const boundTo = async (id: number) =>
  (
    await third.test.app.db.kysely
      .selectFrom("bindings")
      .select("provider")
      .where("user_id", "=", id)
      .where("is_alias", "=", 0)
      .execute()
  ).map(({ provider }) => provider);

async function free(id: number): Promise<void> {
  await third.test.app.db.kysely.deleteFrom("users").where("id", "=", id).execute();
}

it.each(providers)(
  "a log-in by %s: into one of the two, and afterwards into the one that stayed",
  async (provider) => {
    const { kept, joined } = await makePair(provider, "in");
    const sent = await ready(third.test, kept, joined);
    const callback = await third.authorize(provider, { person: "penguin" });
    const [done, entered] = await Promise.all([
      join(third.test, kept, sent),
      third.finish(provider, callback),
    ]);
    expect(done.statusCode, done.body).toBe(200);
    expect(entered.statusCode, entered.body).toBeLessThan(500);
    expect(await boundTo(kept.id)).toEqual([provider]);
    const again = await third.logIn(provider, "penguin");
    expect(again.user_id).toBe(kept.id);
    await free(kept.id);
  },
);

it.each(["weibo", "github"] as const)(
  "%s bound to the joined account: with it, or not at all",
  async (provider) => {
    const { kept, joined } = await makePair("qq", `bind${provider}`);
    const sent = await ready(third.test, kept, joined);
    const { code, state } = await third.authorize(provider, { person: "emoji", token: joined.token });
    const payload = { code, state };
    const [done, bound] = await Promise.all([
      join(third.test, kept, sent),
      third.test.as(joined.token)({ method: "POST", url: `/user/bindings/${provider}/`, payload }),
    ]);
    expect(bound.statusCode, bound.body).toBeLessThan(500);
    // What came in between was not in the preview.
    const isBound = bound.statusCode === 201;
    expect(done.statusCode, done.body).toBe(isBound ? 409 : 200);
    const left = await boundTo(isBound ? joined.id : kept.id);
    // In whatever order an engine has them.
    expect(left.toSorted()).toEqual(isBound ? ["qq", provider].toSorted() : ["qq"]);
    await free(kept.id);
    await free(joined.id);
  },
);
