import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The file of a SQLite database, and the log beside it, byte by byte: an erased person's values are not in pages that are free. */
let folder: string;
let site: TestApp;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-bytes-"));
  const DATABASE_URL = `sqlite:${join(folder, "site.sqlite3")}`;
  site = await startTestApp({ env: { DATABASE_URL, DELETION_GRACE_DAYS: "0" } });
});
afterEach(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

const file = (end = "") => join(folder, `site.sqlite3${end}`);
const bytes = () =>
  Buffer.concat(["", "-wal"].filter((end) => existsSync(file(end))).map((end) => readFileSync(file(end))));
const isEmptied = async () => {
  for (let tries = 0; tries < 100; tries++) {
    // Emptied, and begun anew by one page.
    if (statSync(file("-wal")).size < 10_000) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};

it("has nothing of somebody who was erased, minutes later", async () => {
  const values = ["zhu.bytes@qq.com", "zhubytes01", "13912340001", "朱字节", "小明字节"];
  const [email, username, mobile, last_name, nickname] = values as [string, string, string, string, string];
  const { token } = await makePerson(site, username, { email });
  const as = site.as(token);
  const payload = { last_name, nickname, mobile, current_password: "12345678aA" };
  const changed = await as({ method: "PATCH", url: "/user/", payload });
  expect(changed.statusCode, changed.body).toBe(200);
  await site.codeFor("zhu.elsewhere@qq.com", "changeEmail", token);
  const sought = [...values, "zhu.elsewhere@qq.com"];
  // So that rows move between pages and pages become free.
  for (let n = 0; n < 60; n++) await makePerson(site, `other${n}bytes`, { email: `other${n}@example.com` });
  expect(sought.filter((value) => bytes().includes(value))).toEqual(sought);
  const asked = { current_password: "12345678aA" };
  expect((await as({ method: "POST", url: "/user/deletion/", payload: asked })).statusCode).toBe(202);
  await site.runJobs();
  await site.app.maintenance.run();
  await site.runJobs();
  site.clock.advance(301);
  await site.runJobs();
  expect(await isEmptied()).toBe(true);
  expect(sought.filter((value) => bytes().includes(value))).toEqual([]);
});

it("is emptied once nobody reads any more, and nobody who writes is refused meanwhile", async () => {
  const { token } = await makePerson(site, "leaver01", { email: "leaver01@example.com" });
  const asked = { current_password: "12345678aA" };
  const answer = await site.as(token)({ method: "POST", url: "/user/deletion/", payload: asked });
  expect(answer.statusCode).toBe(202);
  await site.runJobs();
  await site.app.maintenance.run();
  await site.runJobs();
  const reader = new DatabaseSync(file());
  reader.exec("begin");
  reader.prepare("select count(*) from users").get();
  site.clock.advance(301);
  await site.runJobs();
  for (let n = 0; n < 20; n++) {
    await makePerson(site, `while${n}read`, { email: `while${n}@example.com` });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(statSync(file("-wal")).size).toBeGreaterThan(10_000);
  reader.close();
  expect(await isEmptied()).toBe(true);
});
