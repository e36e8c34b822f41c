import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dumpDatabase } from "../support/database-dump.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** What a third party gave is taken back there when the account is erased (RFC 7009), and keeps no erasure for ever. */
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

it("a third party without a way to revoke holds nothing up, and nothing of it is kept", async () => {
  const made = await third.createBound("github", "penguin", "revoked3");
  const id = Number(made.user_id);
  expect(await grantsOf(id)).toEqual([null]);
  await makeDue(id);
  await third.test.runJobs();
  expect(await accountOf(id)).toBeUndefined();
});
