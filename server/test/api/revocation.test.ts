import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apple } from "../../src/identities/providers/apple/provider.ts";
import { createUpstream, upstreamDefaults } from "../../src/identities/providers/upstream.ts";
import { dumpDatabase } from "../support/database-dump.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** What a third party gave is taken back there when the account is erased or the binding removed, and keeps no erasure for ever. */
let third: ThirdPartyTest;
const lines: string[] = [];
beforeAll(async () => {
  third = await startThirdPartyTest({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => third.close());

const grantsOf = async (id: number) =>
  (
    await third.test.app.db.kysely
      .selectFrom("bindings")
      .select("sealed_grant")
      .where("user_id", "=", id)
      .execute()
  ).map((row) => row.sealed_grant);
/** Whether the issuer still knows what it gave for the code. */
async function isActive(code: string): Promise<boolean> {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const payload = `token=oidc-refresh-${code}`;
  const answer = await third.sandbox.inject({
    ...{ method: "POST", url: "/oidc/introspect", headers: form, payload },
  });
  return answer.json().active;
}
const accountOf = async (id: number) =>
  third.test.app.db.kysely.selectFrom("users").select("id").where("id", "=", id).executeTakeFirst();

async function bound(username: string, trouble?: string) {
  const how = { person: "penguin", ...(trouble === undefined ? {} : { trouble }) };
  const callback = await third.authorize("oidc", how);
  const { bind_token } = (await third.finish("oidc", callback)).json();
  const made = await third.test.anonymous({
    ...{ method: "POST", url: "/oauth/oidc/account/", payload: { bind_token, username } },
  });
  expect(made.statusCode, made.body).toBe(201);
  return { id: made.json().id as number, code: callback.code };
}
async function makeDue(id: number): Promise<void> {
  const { db } = third.test.app;
  const due = { deletion_due_at: third.test.clock.now() };
  await db.kysely.updateTable("users").set(due).where("id", "=", id).execute();
  await third.test.app.maintenance.run();
}

describe("what an OpenID Connect issuer gave", () => {
  it("lies encrypted beside the binding, is renewed by a log-in, and is revoked by the erasure", async () => {
    const { id, code } = await bound("revoked1");
    const [first] = await grantsOf(id);
    expect(first).toMatch(/^s1\./);
    expect(await dumpDatabase(third.test.app.db)).not.toContain(`oidc-refresh-${code}`);
    const again = await third.authorize("oidc", { person: "penguin" });
    expect((await third.finish("oidc", again)).statusCode).toBe(200);
    expect((await grantsOf(id))[0]).not.toBe(first);
    expect(await isActive(again.code)).toBe(true);
    await makeDue(id);
    await third.test.runJobs();
    expect([await isActive(again.code), await accountOf(id)]).toEqual([false, undefined]);
    expect(lines.join("")).not.toContain("oidc-refresh-");
  });

  it.each(["revoke-down", "revoke-refused"])(
    "is asked for again (%s), the account stays for about an hour, and is erased all the same",
    async (trouble) => {
      const { id, code } = await bound(`revoked-${trouble.length}`, trouble);
      await makeDue(id);
      await third.test.runJobs();
      expect(await accountOf(id)).toEqual({ id });
      const begun = third.test.clock.now();
      for (let run = 0; (await accountOf(id)) !== undefined && run < 40; run++) {
        third.test.clock.advance(600);
        await third.test.runJobs();
      }
      expect(await accountOf(id)).toBeUndefined();
      expect(third.test.clock.now() - begun).toBeLessThan(3 * 3600 * 1000);
      expect(await isActive(code)).toBe(true);
      expect(lines.join("")).toContain("a third party did not revoke its grant");
    },
  );
});

const appleToken = (code: string) => `r${code.split("~", 1)[0]!.slice(1)}`;

/** Which tokens of GitHub, Weibo and Apple stand for something in the sandbox. */
const knows = {
  async github(code: string) {
    const headers = { authorization: `Bearer gho_${code.padEnd(36, "A")}`, "user-agent": "test" };
    return (await third.sandbox.inject({ url: "/github-api/user", headers })).statusCode === 200;
  },
  async weibo(code: string) {
    const query = `access_token=2.00${code.slice(0, 28)}&uid=0`;
    return (await third.sandbox.inject({ url: `/weibo/2/users/show.json?${query}` })).statusCode !== 403;
  },
  async apple(code: string) {
    const answer = await third.sandbox.inject({
      ...{ method: "POST", url: "/apple/sandbox/tokens", payload: `token=${appleToken(code)}` },
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    return answer.json().active === true;
  },
} as const;

/** As the person does it on their page there. */
const takeBack = {
  github: (code: string) =>
    third.sandbox.inject({
      ...{ method: "DELETE", url: "/github-api/applications/app/grant" },
      headers: { authorization: `Basic ${Buffer.from("app:secret").toString("base64")}` },
      payload: { access_token: `gho_${code.padEnd(36, "A")}` },
    }),
  weibo: (code: string) =>
    third.sandbox.inject({
      ...{ method: "POST", url: "/weibo/oauth2/revokeoauth2" },
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: `access_token=2.00${code.slice(0, 28)}`,
    }),
  apple: async (code: string) => {
    const upstream = createUpstream({ ...upstreamDefaults, proxy: { http: "", https: "", except: "" } });
    const client = apple.imitated(third.sandbox.listeningOrigin, "https://x.example/").connect(upstream);
    await client.revoke!(`refresh_token ${appleToken(code)}`);
    await upstream.close();
  },
} as const;

describe.each(["github", "weibo", "apple"] as const)("what %s gave", (provider) => {
  let made = 0;
  async function account(trouble?: string) {
    const how = { person: "penguin", ...(trouble === undefined ? {} : { trouble }) };
    const callback = await third.authorize(provider, how);
    const { bind_token } = (await third.finish(provider, callback)).json();
    const username = `${provider}-${++made}`;
    const answer = await third.test.anonymous({
      ...{ method: "POST", url: `/oauth/${provider}/account/`, payload: { bind_token, username } },
    });
    expect(answer.statusCode, answer.body).toBe(201);
    return { ...(answer.json() as { id: number; token: string }), code: callback.code };
  }
  /** Something else opens the account, so the third party may go. */
  async function unbind({ id, token }: { readonly id: number; readonly token: string }) {
    const email = { email: `${provider}${made}@example.com`, email_verified: 1 as const };
    await third.test.app.db.kysely.updateTable("users").set(email).where("id", "=", id).execute();
    const answer = await third.test.as(token)({ method: "DELETE", url: `/user/bindings/${provider}/` });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
  }
  const erase = async (id: number) => {
    await makeDue(id);
    await third.test.runJobs();
  };
  async function afterADay(): Promise<void> {
    for (let hour = 0; hour < 40; hour++) {
      third.test.clock.advance(3700);
      await third.test.runJobs();
    }
  }

  it("lies encrypted, and is revoked by the erasure", async () => {
    const { id, code } = await account();
    expect(await knows[provider](code)).toBe(true);
    expect(await grantsOf(id)).toEqual([expect.stringMatching(/^s1\./)]);
    expect(await dumpDatabase(third.test.app.db)).not.toContain(code.slice(0, 20));
    await erase(id);
    expect([await knows[provider](code), await accountOf(id)]).toEqual([false, undefined]);
    expect(lines.join("")).not.toContain(code.slice(0, 20));
  });

  it("is revoked when the third party is unbound, by a job that names nobody", async () => {
    const one = await account();
    await unbind(one);
    expect(await grantsOf(one.id)).toEqual([]);
    expect(await dumpDatabase(third.test.app.db)).not.toContain(one.code.slice(0, 20));
    await third.test.runJobs();
    expect(await knows[provider](one.code)).toBe(false);
    await erase(one.id);
    expect(await accountOf(one.id)).toBeUndefined();
  });

  it("that is revoked there already holds nothing up", async () => {
    const { id, code, token } = await account();
    await unbind({ id, token });
    await third.test.runJobs();
    const again = await third.authorize(provider, { person: "penguin", token });
    const payload = { code: again.code, state: again.state };
    const bound = await third.test.as(token)({ method: "POST", url: `/user/bindings/${provider}/`, payload });
    expect(bound.statusCode, bound.body).toBe(201);
    await takeBack[provider](again.code);
    await erase(id);
    expect([await knows[provider](code), await accountOf(id)]).toEqual([false, undefined]);
  });

  it.each(["revoke-down", "revoke-refused"])(
    "is asked for again for a day where it is %s, and then given up",
    async (trouble) => {
      const one = await account(trouble);
      await unbind(one);
      await third.test.runJobs();
      expect(await knows[provider](one.code)).toBe(true);
      await afterADay();
      expect(lines.join("")).toContain("a third party did not revoke the grant of a binding that is gone");
      expect(await dumpDatabase(third.test.app.db)).not.toContain(one.code.slice(0, 20));
      await erase(one.id);
    },
  );
});

it("a third party without a way to revoke holds nothing up, and nothing of it is kept", async () => {
  const made = await third.createBound("qq", "penguin", "revoked3");
  const id = Number(made.user_id);
  expect(new Set(await grantsOf(id))).toEqual(new Set([null]));
  await makeDue(id);
  await third.test.runJobs();
  expect(await accountOf(id)).toBeUndefined();
});
