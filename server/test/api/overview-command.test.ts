import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person, password } from "../support/people.ts";
import { siteCommands } from "../support/site-commands.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `manage overview`: what the console shows first. */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());
const { run, json } = siteCommands(() => site);
const logIn = (username: string, typed: string) =>
  site.anonymous({ method: "POST", url: "/authorizations/", payload: { username, password: typed } });

it("says what the console's page is answered, and counts nothing itself", async () => {
  await site.signUp({ username: "counted01", email: "counted01@qq.com" });
  await logIn("counted01", password);
  await logIn("counted01", "not-that-one");
  await logIn("nobody-there", password);
  await site.app.maintenance.run();
  const answered = (await site.as(root.token)({ url: "/admin/overview/" })).json();
  expect(await json("overview")).toEqual(answered);
  expect(await json("overview")).toEqual(answered);
});

it("is a table of days, reasons and ways, in both languages", async () => {
  const { out } = await run("overview");
  const today = new Date(site.clock.now()).toISOString().slice(0, 10);
  const lines = out.split("\n");
  expect(lines.filter((line) => /^\d{4}-\d{2}-\d{2} +\d/.test(line))).toHaveLength(30);
  // Log-ins, of rootuser too; refused; sign-ups.
  expect(lines.find((line) => line.startsWith(`${today} `))).toMatch(/^\S+ +[23] +2 +1 /);
  expect(out).toMatch(/^24 hours +[23] +2 +1 /m);
  expect(out).toMatch(/^wrong password +1$/m);
  expect(out).toMatch(/^no such account +1$/m);
  expect(out).toMatch(/^background jobs: given up 0, waiting \d+$/m);
  const chinese = (await run("overview", "zh")).out;
  expect(chinese).toMatch(/^密码错误 +1$/m);
  // Its columns stand under one another where a Chinese character is as wide as two others.
  const wide = (line: string) => line.replace(/[\u2e80-\u9fff\uff00-\uff60]/g, "xx").length;
  const day = chinese.split("\n").findIndex((line) => line.startsWith("日期"));
  const table = chinese.split("\n").slice(day, day + 31);
  expect(new Set(table.map(wide)).size).toBe(1);
});
