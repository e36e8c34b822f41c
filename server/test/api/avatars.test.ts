import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { avatarSide } from "../../src/avatars/decode-child.ts";
import { openArchive } from "../support/archive.ts";
import { makePerson, password } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** The owner's picture: uploaded, taken over from a third party, removed, served, exported and erased. */
const read = (name: string) => readFileSync(join(import.meta.dirname, "../vectors/pictures", name));
/** What third parties' picture hosts are asked, and what they answer. */
const asked: string[] = [];
let hosts: (url: URL) => Response = () => new Response(null, { status: 404 });
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest({
    fetchPicture: async (url) => {
      asked.push(url.href);
      return hosts(url);
    },
  });
});
afterAll(() => third.close());

const put = (token: string, payload: Buffer | string, type = "image/png") =>
  third.test.as(token)({
    ...{ method: "PUT", url: "/user/avatar/", payload },
    headers: {
      accept: "application/problem+json",
      "content-type": type,
      "content-length": String(Buffer.byteLength(payload)),
    },
  });
const remove = (token: string) => third.test.as(token)({ method: "DELETE", url: "/user/avatar/" });
const takeOver = (token: string, provider: string) =>
  third.test.as(token)({
    ...{ method: "PUT", url: "/user/avatar/provider/", payload: { provider } },
    headers: { accept: "application/problem+json" },
  });
const profileOf = async (token: string) => (await third.test.as(token)({ url: "/user/" })).json();
const open = (address: string) => third.test.anonymous({ url: new URL(address).pathname });
const rows = () => third.test.app.db.kysely.selectFrom("avatars").selectAll().execute();

async function withPicture(username: string) {
  const person = await makePerson(third.test, username);
  const answer = await put(person.token, read("pillow.png"));
  expect(answer.statusCode, answer.body).toBe(200);
  return { ...person, address: answer.json().avatar_url as string };
}

async function bind(token: string, provider: string, person: string): Promise<void> {
  const { bind_token } = await third.logIn(provider, person);
  const url = `/user/bindings/${provider}/`;
  const answer = await third.test.as(token)({ method: "POST", url, payload: { bind_token } });
  expect(answer.statusCode, answer.body).toBe(201);
}

/** A form with the file, as browsers send one. */
async function form(name: string, content: Buffer, fileName?: string) {
  const data = new FormData();
  if (fileName === undefined) data.set(name, content.toString("latin1"));
  else data.set(name, new File([new Uint8Array(content)], fileName));
  const request = new Request("http://localhost/", { method: "POST", body: data });
  return { type: request.headers.get("content-type")!, payload: Buffer.from(await request.arrayBuffer()) };
}

describe("an upload", () => {
  it("is in the profile, at an address that nobody guesses, and everybody's to see", async () => {
    const { token, address } = await withPicture("shown01");
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:8000\/avatars\/[\w-]{22}\.jpg$/);
    expect((await profileOf(token)).avatar_url).toBe(address);
    const picture = await open(address);
    expect(picture.statusCode).toBe(200);
    expect(picture.headers).toMatchObject({
      ...{ "content-type": "image/jpeg", "x-content-type-options": "nosniff" },
      "content-security-policy": "sandbox; default-src 'none'",
      "cross-origin-resource-policy": "cross-origin",
      "cache-control": "public, max-age=86400, immutable",
    });
    expect(picture.rawPayload.subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(picture.rawPayload.includes("Exif")).toBe(false);
    expect(avatarSide).toBe(320);
  });

  it.each(["image/jpeg", "application/octet-stream", "text/html", "application/json"])(
    "is read by its bytes when sent as %s",
    async (type) => {
      const { token } = await makePerson(third.test, `kind-${type.replace(/\W/g, "")}`);
      const answer = await put(token, read("pillow.webp"), type);
      expect([answer.statusCode, answer.json().avatar_url]).toEqual([200, expect.any(String)]);
    },
  );

  it("may be a form with one file", async () => {
    const { token } = await makePerson(third.test, "formed01");
    const sent = await form("avatar", read("pillow.jpg"), "me.jpg");
    expect((await put(token, sent.payload, sent.type)).statusCode).toBe(200);
    const without = await form("avatar", Buffer.from("a text"));
    expect((await put(token, without.payload, without.type)).json().code).toBe("picture_unreadable");
    const broken = await put(token, "--x\r\nnothing", "multipart/form-data; boundary=x");
    expect([broken.statusCode, broken.json().code]).toEqual([400, "malformed_form"]);
  });

  it("that is no picture is refused, and the present one stays", async () => {
    const { token, address } = await withPicture("stays01");
    for (const wrong of ["<svg xmlns='http://www.w3.org/2000/svg'/>", "", "GIF89a"]) {
      const answer = await put(token, wrong, "image/svg+xml");
      expect([answer.statusCode, answer.json().code]).toEqual([400, "picture_unreadable"]);
    }
    expect((await profileOf(token)).avatar_url).toBe(address);
  });

  it("has 8 MB at most, and other routes no more than before", async () => {
    const { token } = await makePerson(third.test, "large01");
    const large = await put(token, Buffer.alloc(8 * 1024 * 1024 + 1));
    expect(large.statusCode).toBe(413);
    expect((await put(token, Buffer.alloc(8 * 1024 * 1024))).json().code).toBe("picture_unreadable");
    const other = await third.test.as(token)({
      ...{ method: "PUT", url: "/user/avatar/provider/", payload: { provider: "x".repeat(70_000) } },
    });
    expect(other.statusCode).toBe(413);
  });

  it("needs a log-in", async () => {
    const answer = await third.test.anonymous({
      ...{ method: "PUT", url: "/user/avatar/", payload: read("pillow.png") },
      headers: { "content-type": "image/png" },
    });
    expect(answer.statusCode).toBe(401);
  });

  it("is counted before its body is read: twenty a day", async () => {
    const { token } = await makePerson(third.test, "eager01");
    for (let i = 0; i < 20; i++) expect((await put(token, "no picture")).statusCode).toBe(400);
    const refused = await put(token, read("pillow.png"));
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "86400"]);
    expect((await takeOver(token, "qq")).statusCode).toBe(429);
    expect((await remove(token)).statusCode).toBe(200);
  });
});

describe("a picture that is not shown any more", () => {
  it("is gone with the one that replaces it, from the address and from the store", async () => {
    const { token, address, id } = await withPicture("replaced01");
    third.test.clock.advance(1);
    const next = (await put(token, read("pillow.gif"))).json().avatar_url;
    expect(next).not.toBe(address);
    expect((await open(address)).statusCode).toBe(404);
    expect((await open(next)).statusCode).toBe(200);
    expect((await rows()).filter(({ user_id }) => user_id === id).length).toBe(1);
  });

  it("is gone when its owner removes it, and no third party's takes its place", async () => {
    const { token, address, id } = await withPicture("removed01");
    await bind(token, "qq", "penguin");
    expect((await profileOf(token)).avatar_url).toBe(address);
    expect((await remove(token)).json().avatar_url).toBeNull();
    expect((await profileOf(token)).avatar_url).toBeNull();
    expect((await open(address)).statusCode).toBe(404);
    expect((await rows()).filter(({ user_id }) => user_id === id)).toEqual([]);
    expect((await remove(token)).statusCode).toBe(200);
  });

  it("and no other name is served", async () => {
    for (const file of [
      "x.jpg",
      `${"a".repeat(22)}.jpg`,
      `${"a".repeat(22)}.png`,
      "..%2f..%2fetc%2fpasswd",
    ]) {
      expect((await third.test.anonymous({ url: `/avatars/${file}` })).statusCode).toBe(404);
    }
  });

  it("one that was stored and never shown goes within an hour", async () => {
    const { id } = await makePerson(third.test, "halfway01");
    const now = third.test.clock.now();
    await third.test.app.db.kysely
      .insertInto("avatars")
      .values({
        name: "h".repeat(22),
        user_id: id,
        store: "database",
        created_at: now,
        due_at: now + 3_600_000,
      })
      .execute();
    await third.test.app.maintenance.run();
    expect((await rows()).some(({ user_id }) => user_id === id)).toBe(true);
    expect((await third.test.anonymous({ url: `/avatars/${"h".repeat(22)}.jpg` })).statusCode).toBe(404);
    third.test.clock.advance(3600);
    await third.test.app.maintenance.run();
    expect((await rows()).some(({ user_id }) => user_id === id)).toBe(false);
  });
});

describe("a third party's picture", () => {
  it("is taken over when the owner says so, and never by itself", async () => {
    const { token } = await makePerson(third.test, "taking01");
    asked.length = 0;
    await bind(token, "github", "xiaomei");
    await profileOf(token);
    expect(asked).toEqual([]);
    hosts = () =>
      new Response(new Uint8Array(read("pillow.webp")), { headers: { "content-type": "image/webp" } });
    const taken = await takeOver(token, "github");
    expect(taken.statusCode, taken.body).toBe(200);
    expect(asked).toEqual([expect.stringMatching(/^https:\/\/avatars\.githubusercontent\.com\/u\//)]);
    expect((await open(taken.json().avatar_url)).headers["content-type"]).toBe("image/jpeg");
    // It is the owner's now: unbinding takes nothing away.
    await third.test.as(token)({ method: "DELETE", url: "/user/bindings/github/" });
    expect((await profileOf(token)).avatar_url).toBe(taken.json().avatar_url);
  });

  it.each([
    ["is away", () => new Response("", { status: 500 })],
    ["answers no picture", () => new Response("<svg/>", { headers: { "content-type": "image/svg+xml" } })],
  ])("that %s is refused, and nothing changes", async (name, answer) => {
    const { token } = await makePerson(third.test, `trouble-${name.length}`);
    await bind(token, "weibo", name.length > 8 ? "long" : "emoji");
    hosts = answer;
    const refused = await takeOver(token, "weibo");
    expect([refused.statusCode, refused.json().code]).toEqual([400, "picture_not_there"]);
    expect((await rows()).length).toBeGreaterThan(0);
  });

  it("at a host that is none of the provider's is not asked for", async () => {
    const { token, id } = await makePerson(third.test, "elsewhere01");
    await bind(token, "qq", "long");
    await third.test.app.db.kysely
      .updateTable("bindings")
      .set({ avatar: "https://169.254.169.254/latest/meta-data" })
      .where("user_id", "=", id)
      .execute();
    asked.length = 0;
    expect((await takeOver(token, "qq")).json().code).toBe("picture_not_there");
    expect(asked).toEqual([]);
  });

  it("of one that is not bound is 404", async () => {
    const { token } = await makePerson(third.test, "unbound01");
    for (const provider of ["qq", "nobody"]) expect((await takeOver(token, provider)).statusCode).toBe(404);
  });
});

describe("the person's rights", () => {
  it("the export's ZIP has the picture itself", async () => {
    const { token, address } = await withPicture("exported01");
    const id = (await third.test.as(token)({ method: "POST", url: "/user/export/" })).json().id;
    await third.test.runJobs();
    const answer = await third.test.as(token)({ url: `/user/export/${id}/` });
    const { picture } = openArchive(answer.rawPayload);
    expect(picture).toEqual((await open(address)).rawPayload);
  });

  it("an erasure takes it out of the store", async () => {
    const { token, address, id } = await withPicture("erased01");
    const payload = { current_password: password };
    await third.test.as(token)({ method: "POST", url: "/user/deletion/", payload });
    expect((await open(address)).statusCode).toBe(200);
    await third.test.runJobs();
    third.test.clock.advance(8 * 86_400);
    await third.test.app.maintenance.run();
    await third.test.runJobs();
    expect((await open(address)).statusCode).toBe(404);
    const name = /(\S{22})\.jpg$/.exec(address)![1]!;
    const { kysely } = third.test.app.db;
    expect(await kysely.selectFrom("users").select("id").where("id", "=", id).execute()).toEqual([]);
    for (const table of ["avatars", "avatar_files"] as const) {
      expect(await kysely.selectFrom(table).select("name").where("name", "=", name).execute()).toEqual([]);
    }
  });

  it("an account that goes without a word leaves none behind either", async () => {
    const { address, id } = await withPicture("vanished01");
    await third.test.app.db.kysely.deleteFrom("users").where("id", "=", id).execute();
    expect((await open(address)).statusCode).toBe(404);
    await third.test.app.maintenance.run();
    expect((await rows()).some(({ name }) => address.includes(name))).toBe(false);
  });
});
