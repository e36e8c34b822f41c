import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/kernel/log.ts";
import { type ImitatedS3, startImitatedS3 } from "../support/imitated-s3.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Pictures in an S3-shaped store: what is promised of them while the store is there, away, and not configured any more. */
const picture = readFileSync(join(import.meta.dirname, "../vectors/pictures/pillow.png"));
let s3: ImitatedS3;
let site: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  s3 = await startImitatedS3();
  site = await startTestApp({
    env: { AVATAR_STORE: s3.setting },
    logTo: { write: (line) => void lines.push(line) },
  });
});
beforeEach(() => {
  s3.trouble = "none";
  s3.storing = Promise.resolve();
});
afterAll(async () => {
  await site.close();
  await s3.close();
});

const put = (token: string, at = site) =>
  at.as(token)({
    ...{ method: "PUT", url: "/user/avatar/", payload: picture },
    headers: { accept: "application/problem+json", "content-type": "image/png" },
  });
const open = (address: string, at = site) => at.anonymous({ url: new URL(address).pathname });
const keyOf = (address: string) => `/shop/faces/${address.split("/").at(-1)}`;
const rowOf = (address: string) =>
  site.app.db.kysely
    .selectFrom("avatars")
    .selectAll()
    .where("name", "=", address.split("/").at(-1)!.replace(".jpg", ""))
    .executeTakeFirst();

async function withPicture(username: string) {
  const person = await makePerson(site, username);
  const answer = await put(person.token);
  expect(answer.statusCode, answer.body).toBe(200);
  return { ...person, address: answer.json().avatar_url as string };
}

async function erase(token: string): Promise<void> {
  await site.as(token)({ method: "POST", url: "/user/deletion/", payload: { current_password: password } });
  await site.runJobs();
  site.clock.advance(8 * 86_400);
  await site.app.maintenance.run();
  await site.runJobs();
}

describe("a picture in the store", () => {
  it("is nowhere else, and the server hands it out", async () => {
    const { address } = await withPicture("stored01");
    const { rawPayload, headers } = await open(address);
    expect(rawPayload).toEqual(s3.objects.get(keyOf(address))!.content);
    expect(headers["content-type"]).toBe("image/jpeg");
    expect(await site.app.db.kysely.selectFrom("avatar_files").selectAll().execute()).toEqual([]);
    expect(JSON.stringify(await rowOf(address))).not.toContain("base64");
  });

  it("goes when it is replaced, removed, or its account erased", async () => {
    const { token, address } = await withPicture("leaving01");
    const next = (await put(token)).json().avatar_url;
    expect([s3.objects.has(keyOf(address)), s3.objects.has(keyOf(next))]).toEqual([false, true]);
    await site.as(token)({ method: "DELETE", url: "/user/avatar/" });
    expect(s3.objects.has(keyOf(next))).toBe(false);
    const last = (await put(token)).json().avatar_url;
    await erase(token);
    expect(s3.objects.has(keyOf(last))).toBe(false);
  });
});

describe("an account that is erased while its picture is being stored", () => {
  it("leaves none in the store", async () => {
    const { promise, resolve: stored } = Promise.withResolvers<void>();
    const at = await startTestApp({ env: { AVATAR_STORE: s3.setting, DELETION_GRACE_DAYS: "0" } });
    const { token, id } = await makePerson(at, "hurried01");
    const before = new Set(s3.objects.keys());
    s3.asked.length = 0;
    s3.storing = promise;
    const upload = put(token, at);
    await vi.waitFor(() => expect(s3.asked.join()).toMatch(/^PUT /), 8000);
    await at.as(token)({ method: "POST", url: "/user/deletion/", payload: { current_password: password } });
    await at.runJobs();
    at.clock.advance(60);
    await at.app.maintenance.run();
    await at.runJobs();
    const { kysely } = at.app.db;
    expect(await kysely.selectFrom("users").select("id").where("id", "=", id).execute()).toEqual([]);
    stored();
    expect((await upload).statusCode).toBe(401);
    const left = () => [...s3.objects.keys()].filter((key) => !before.has(key));
    expect(left()).toEqual([]);
    expect(await kysely.selectFrom("avatars").selectAll().execute()).toEqual([]);
    // As where that process died once it was stored.
    const now = at.clock.now();
    const row = { name: "of-a-dead-process", user_id: null, store: "s3" as const };
    await kysely
      .insertInto("avatars")
      .values({ ...row, created_at: now, due_at: now + 3_600_000 })
      .execute();
    s3.objects.set("/shop/faces/of-a-dead-process.jpg", {
      content: Buffer.from("a picture"),
      type: "image/jpeg",
    });
    at.clock.advance(60);
    await at.app.maintenance.run();
    expect(left(), "it may be on its way still").toHaveLength(1);
    at.clock.advance(61);
    await at.app.maintenance.run();
    expect(left()).toEqual([]);
    expect(await kysely.selectFrom("avatars").selectAll().execute()).toEqual([]);
    await at.close();
  });
});

describe("while the store is away", () => {
  it("an upload is refused, and what is left of it goes later", async () => {
    const { token, id } = await makePerson(site, "unlucky01");
    s3.trouble = "forbidden";
    const answer = await put(token);
    expect([answer.statusCode, answer.headers["retry-after"], answer.json().code]).toEqual([
      ...[503, "30", "picture_store_away"],
    ]);
    expect((await site.as(token)({ url: "/user/" })).json().avatar_url).toBeNull();
    const rows = () =>
      site.app.db.kysely.selectFrom("avatars").selectAll().where("user_id", "=", id).execute();
    expect((await rows()).length).toBe(1);
    s3.trouble = "none";
    site.clock.advance(3600);
    await site.app.maintenance.run();
    expect(await rows()).toEqual([]);
  });

  it("a picture is 503, which no cache keeps, and everything else works", async () => {
    const { token, address } = await withPicture("patient01");
    s3.trouble = "slow down";
    const { statusCode, headers } = await open(address);
    expect([statusCode, headers["cache-control"]]).toEqual([503, "no-store"]);
    expect((await site.as(token)({ url: "/user/" })).statusCode).toBe(200);
    s3.trouble = "none";
    expect((await open(address)).statusCode).toBe(200);
  });

  it("one that is removed is served no more, and goes from the store when that is back", async () => {
    const { token, address } = await withPicture("insisting01");
    s3.trouble = "forbidden";
    expect((await site.as(token)({ method: "DELETE", url: "/user/avatar/" })).statusCode).toBe(200);
    expect((await open(address)).statusCode).toBe(404);
    expect(s3.objects.has(keyOf(address))).toBe(true);
    s3.trouble = "none";
    // Not asked every minute.
    await site.app.maintenance.run();
    expect(s3.objects.has(keyOf(address))).toBe(true);
    site.clock.advance(600);
    await site.app.maintenance.run();
    expect([s3.objects.has(keyOf(address)), await rowOf(address)]).toEqual([false, undefined]);
  });

  it("an erasure goes through, and its picture is never lost sight of", async () => {
    const { token, address, id } = await withPicture("erased01");
    s3.trouble = "no bucket";
    await erase(token);
    const users = () => site.app.db.kysely.selectFrom("users").select("id").where("id", "=", id).execute();
    expect(await users()).toEqual([]);
    expect((await open(address)).statusCode).toBe(404);
    expect(await rowOf(address)).toMatchObject({ user_id: null, store: "s3" });
    for (let i = 0; i < 3; i++) {
      site.clock.advance(600);
      await site.app.maintenance.run();
    }
    expect([s3.objects.has(keyOf(address)), (await rowOf(address)) !== undefined]).toEqual([true, true]);
    s3.trouble = "none";
    site.clock.advance(600);
    await site.app.maintenance.run();
    expect([s3.objects.has(keyOf(address)), await rowOf(address)]).toEqual([false, undefined]);
  });

  it("its secret is in no line of the log", () => {
    expect(lines.some((line) => line.includes("the picture store is away"))).toBe(true);
    expect(lines.join("\n")).not.toMatch(/wJalr|AKIDEXAMPLE|AWS4-HMAC/);
  });
});

describe("another AVATAR_STORE", () => {
  it("leaves earlier pictures where they are: those in the database are served, those in a store that is gone are 503", async () => {
    const { address } = await withPicture("moved01");
    const config = { ...site.config, secretKey: testSecretKey, avatarStore: null };
    const app = await createApp({ config, log: createLog("silent") }, { clock: site.clock });
    const other: TestApp = { ...site, app, anonymous: (call) => app.api.inject(call) };
    expect((await open(address, other)).statusCode).toBe(503);
    const inDatabase = "d".repeat(22);
    const { id } = await makePerson(site, "earlier01");
    const row = { name: inDatabase, user_id: id, store: "database" as const, created_at: 0, due_at: null };
    await site.app.db.kysely.insertInto("avatars").values(row).execute();
    await site.app.db.kysely
      .insertInto("avatar_files")
      .values({ name: inDatabase, content: picture.toString("base64") })
      .execute();
    expect((await open(`http://x/avatars/${inDatabase}.jpg`)).rawPayload).toEqual(picture);
    await app.close();
  });

  it("that can't be read stops the start, without its secret", () => {
    const read = () => readConfig({ AVATAR_STORE: "s3://id:very-secret@host/bucket?regoin=x" });
    expect(read).toThrow(/AVATAR_STORE/);
    expect(read).not.toThrow(/very-secret/);
  });
});
