import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sha1 } from "../../src/passwords/breached/breached-file.ts";
import { makeBreachedFile } from "../../src/passwords/breached/make-breached-file.ts";
import { makePerson, password as ordinary } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Passwords that a site refuses beyond the built-in list: its own words, a list in a file, a service outside. */
const listed = "correct horse battery";
const known = "staple of the breach";
const hexOf = (password: string) => sha1(password).toString("hex").toUpperCase();

/** haveibeenpwned.com's range answers, with the lines that pad them. */
const range: Answer = (prefix, response) => {
  const hash = hexOf(known);
  const padding = `${"0".repeat(34)}A:0\r\n${hexOf("a fresh passphrase").slice(5)}:0\r\n`;
  response.end(padding + (hash.startsWith(prefix) ? `${hash.slice(5)}:42\r\n` : ""));
};
type Answer = (prefix: string, response: ServerResponse) => void;
let answer = range;
let asked: { url: string; padding: unknown }[] = [];
let service: Server;
let folder: string;
let test: TestApp;
const lines: string[] = [];

beforeAll(async () => {
  service = createServer((request, response) => {
    asked.push({ url: request.url!, padding: request.headers["add-padding"] });
    answer(request.url!.slice("/range/".length), response);
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  folder = mkdtempSync(join(tmpdir(), "meiduo-breached-"));
  const source = join(folder, "list.txt");
  writeFileSync(source, `${hexOf(listed)}:9\n`);
  const file = join(folder, "list.bin");
  await makeBreachedFile({ source, file, atLeast: 1, madeAt: "2026-11-29", progress: () => {} });
  test = await startTestApp({
    logTo: { write: (line) => void lines.push(line) },
    env: {
      PASSWORD_FORBIDDEN_WORDS: "Northwind, 北风",
      BREACHED_PASSWORDS_FILE: file,
      BREACHED_PASSWORDS_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/range/`,
    },
  });
});
afterAll(async () => {
  await test.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  asked = [];
  answer = range;
  lines.length = 0;
  test.clock.advance(61);
});

let people = 0;
async function signUp(password: string, code?: string) {
  const email = `new${++people}@qq.com`;
  const email_code = code ?? (await test.codeFor(email));
  const form = { username: `newcomer${people}`, email, email_code, allow: "true" };
  return test.anonymous({
    method: "POST",
    url: "/users/",
    payload: { ...form, password, password2: password },
  });
}

const inFile = "这个密码曾在其他网站泄露，请换一个。";

describe("a new password", () => {
  it.each([
    ["the site's own word", "northw1nd-2026", "密码主要由本站的名称等字词组成，请换一个。"],
    ["the brand's name", "Meiduo!!2026", "密码主要由本站的名称等字词组成，请换一个。"],
    ["the file", listed, inFile],
    ["the service", known, inFile],
  ])("is refused at a sign-up by %s", async (_, password, message) => {
    const answer = await signUp(password);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ password: [message] });
  });

  it("is refused in a reset and in a change, and the code may be used again", async () => {
    const email = "owner@qq.com";
    const { token } = await makePerson(test, "owner", { email });
    const email_code = await test.codeFor(email, "resetpwd");
    const reset = (password: string) =>
      test.anonymous({
        ...{ method: "POST", url: "/users/password/" },
        payload: { email, email_code, password, password2: password },
      });
    const change = (password: string) =>
      test.as(token)({
        ...{ method: "PUT", url: "/user/password/" },
        payload: { current_password: ordinary, password, password2: password },
      });
    for (const call of [change, reset]) {
      for (const bad of [listed, known])
        expect((await call(bad)).json()).toMatchObject({ password: [inFile] });
    }
    expect((await reset("a fresh passphrase")).statusCode).toBe(200);
  });

  it("that nobody knows passes, though a padding line names it", async () => {
    expect((await signUp("a fresh passphrase")).statusCode).toBe(201);
    expect(asked).toEqual([{ url: `/range/${hexOf("a fresh passphrase").slice(0, 5)}`, padding: "true" }]);
  });

  it("is never looked at when somebody logs in", async () => {
    await makePerson(test, "veteran");
    expect(asked).toEqual([]);
  });
});

describe("the service outside", () => {
  it("is not asked for a stranger whose code is wrong, nor for a password that is refused already", async () => {
    expect((await signUp(known, "WRNG42")).statusCode).toBe(400);
    await signUp(listed);
    expect(asked).toEqual([]);
  });

  it.each<[string, Answer]>([
    ["says nothing", () => {}],
    ["fails", (_, response) => void response.writeHead(500).end()],
    ["answers something else", (_, response) => void response.end("<html>captive portal</html>")],
    ["never ends", (_, response) => void endless(response)],
    ["breaks off", (_, response) => void response.write("0", () => response.destroy())],
  ])("that %s refuses nobody, and the log says so without the password", async (_, trouble) => {
    answer = trouble;
    expect((await signUp(known)).statusCode).toBe(201);
    expect(asked).toHaveLength(1);
    const said = lines.filter((line) => line.includes("breached passwords"));
    expect(said).toHaveLength(1);
    expect(lines.join("")).not.toContain(hexOf(known).slice(0, 5));
    // Within the minute it is not said again.
    expect((await signUp(known)).statusCode).toBe(201);
    expect(lines.filter((line) => line.includes("breached passwords"))).toHaveLength(1);
  });
});

/** Keeps writing lines until the other side is gone. */
function endless(response: ServerResponse): void {
  const line = `${"A".repeat(35)}:1\r\n`.repeat(500);
  const write = () => {
    if (!response.destroyed) response.write(line, () => setImmediate(write));
  };
  write();
}
