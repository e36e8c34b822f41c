import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { offerFirstSuperuser } from "../../src/cli/run/first-superuser.ts";
import { makePerson, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The link by which a development set-up gets its first superuser. */
let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
});
afterEach(() => test.close());

const password = "12345678aA";
const claim = (token: string, more: object = {}) =>
  test.anonymous({
    method: "POST",
    url: "/setup/superuser/",
    payload: { token, username: "theboss", email: "Boss@Example.com", password, ...more },
  });
const offered = async () => (await test.app.firstSuperuser.offer())!;

describe("the link", () => {
  it("makes a superuser who can log in, with its entry in the audit log, once", async () => {
    const token = await offered();
    const made = await claim(token);
    expect([made.statusCode, made.json()]).toEqual([201, { id: expect.any(Number), username: "theboss" }]);
    const bearer = await tokenOf(test, "theboss");
    const listed = await test.as(bearer)({ url: "/admin/users/?masked=true" });
    expect(listed.json().results).toMatchObject([{ id: made.json().id, is_superuser: true }]);
    const entries = await test.app.audit.list({ limit: 10 });
    expect(entries.entries).toMatchObject([{ action: "user.create", target: "theboss" }]);
    expect(JSON.stringify(entries)).not.toContain(token);
    const again = await claim(token, { username: "another", email: null });
    expect([again.statusCode, again.json().message]).toEqual([400, expect.stringContaining("超级管理员")]);
  });

  it("stays good after a form that was wrong", async () => {
    const token = await offered();
    expect((await claim(token, { password: "short" })).json()).toHaveProperty("password");
    expect((await claim(token, { username: "two words" })).json()).toHaveProperty("username");
    await makePerson(test, "theboss");
    expect((await claim(token)).json()).toHaveProperty("username");
    expect((await claim(token, { username: "thechief" })).statusCode).toBe(201);
  });

  it("is refused after an hour, when a later one was made, and where it is none", async () => {
    const old = await offered();
    const later = await offered();
    expect((await claim(old)).statusCode).toBe(400);
    expect((await claim("nobodys")).statusCode).toBe(400);
    test.clock.advance(3600);
    expect((await claim(later)).statusCode).toBe(400);
    expect((await test.app.maintenance.run()).first_superuser_links).toBe(1);
  });

  it("is not there while anybody is a superuser, also a disabled one, and one of before opens nothing then", async () => {
    const token = await offered();
    await makePerson(test, "rootuser", { is_superuser: 1, is_active: 0 });
    expect(await test.app.firstSuperuser.offer()).toBeNull();
    expect((await claim(token)).statusCode).toBe(400);
  });
});

describe("who starts the program", () => {
  let dataDir: string;
  const lines: object[] = [];
  const log = { warn: (facts: object) => void lines.push(facts) };
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "meiduo-first-"));
    lines.length = 0;
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  const offer = (environment: "development" | "production", isTerminal: boolean) =>
    offerFirstSuperuser(
      test.app,
      { environment, dataDir, publicSiteUrl: "http://127.0.0.1:8080" },
      { isTerminal, log },
    );
  const file = () => join(dataDir, "first-superuser-link");

  it("is shown the link at a terminal, and no file is left of an earlier start", async () => {
    await offer("development", false);
    const line = await offer("development", true);
    const token = /http:\/\/127\.0\.0\.1:8080\/console\/first#token=(\S+)$/.exec(line ?? "")![1]!;
    expect(() => statSync(file())).toThrow();
    expect((await claim(token)).statusCode).toBe(201);
  });

  it("finds it elsewhere in a file of their own, which the log names without it", async () => {
    expect(await offer("development", false)).toBeNull();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const token = /#token=(\S+)/.exec(readFileSync(file(), "utf8"))![1]!;
    expect(lines).toEqual([{ file: file() }]);
    expect((await claim(token)).statusCode).toBe(201);
    await offer("development", false);
    expect(() => statSync(file())).toThrow();
  });

  it("finds it where nothing else has made the folder", async () => {
    dataDir = join(dataDir, "not", "made");
    expect(await offer("development", false)).toBeNull();
    expect(readdirSync(dataDir)).toEqual(["first-superuser-link"]);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
  });

  it("is told to run a command where no file can be, and the product starts", async () => {
    writeFileSync(join(dataDir, "file"), "");
    dataDir = join(dataDir, "file", "below");
    expect(await offer("development", false)).toBeNull();
    expect(lines).toEqual([{ file: file(), err: expect.any(Error) }]);
  });

  it("and others that start at the same time leave one whole link", async () => {
    await Promise.all(Array.from({ length: 8 }, () => offer("development", false)));
    expect(readdirSync(dataDir)).toEqual(["first-superuser-link"]);
    expect(readFileSync(file(), "utf8")).toMatch(/^\S+#token=\S+\n$/);
  });

  it("gets nothing in production, where there is no such route either", async () => {
    expect(await offer("production", true)).toBeNull();
    expect(() => statSync(file())).toThrow();
    expect(lines).toEqual([]);
  });
});
