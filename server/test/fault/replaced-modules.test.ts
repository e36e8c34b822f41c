import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dataFolder, startProduct, waitUntil } from "../support/product-process.ts";
import { signUpByMailbox, visitors } from "../support/visitors.ts";

/** As `npm ci` leaves a process whose folder it upgrades in place: without node_modules. */
const repository = resolve(import.meta.dirname, "../../..");
const folder = dataFolder();
afterAll(() => folder.release());

/** The program in a folder of its own, with links in place of the packages. */
function copyProgram(to: string): string {
  for (const part of [
    "server/src",
    "server/migrations",
    "sandbox",
    "scripts",
    "web/src/texts",
    "docs/openapi.json",
    "package.json",
  ])
    cpSync(join(repository, part), join(to, part), { recursive: true });
  const packages = join(repository, "node_modules");
  mkdirSync(join(to, "node_modules"));
  for (const name of readdirSync(packages).filter((one) => !one.startsWith(".")))
    symlinkSync(join(packages, name), join(to, "node_modules", name));
  return join(to, "server/src/main.ts");
}

test("a process whose packages are removed serves its visitors; what can't be loaded is 503 and told in a sentence", async () => {
  const env = { DATA_DIR: join(folder.path, "data"), WEB_PORT: "0" };
  const before = await startProduct("start", env);
  await signUpByMailbox(before.url, "person1", 30);
  expect(await before.stop()).toBe(0);

  const program = copyProgram(join(folder.path, "program"));
  const acme = {
    ...{ OIDC_ACME_ISSUER: "https://127.0.0.1:1", OIDC_ACME_CLIENT_ID: "a", OIDC_ACME_CLIENT_SECRET: "b" },
    OIDC_ACME_REDIRECT_URI: "https://www.meiduo.com/oauth/callback/acme",
  };
  const product = await startProduct("serve", { ...env, ...acme }, { program });
  try {
    rmSync(join(folder.path, "program/node_modules"), { recursive: true });
    expect(existsSync(join(repository, "node_modules/fastify"))).toBe(true);
    const after = visitors(product.url);
    expect((await after.logIn("person1")).status).toBe(200);
    expect((await after.requestCode("person2@example.com")).status).toBe(200);
    // The provider is away, and that is all that is wrong with it.
    const authorization = await after.call("acme", "/oauth/acme/authorization/?next=/");
    expect(authorization.body).not.toContain("internal");
    expect(product.output()).not.toMatch(/Cannot find|were replaced/);

    const docs = await after.call("docs", "/docs");
    expect([docs.status, docs.retryAfter]).toEqual([503, "5"]);
    const sentence = "were replaced or removed while it runs";
    await waitUntil(() => product.output().includes(sentence), 20, "the line of the log");
    const lines = product.output().split("\n");
    expect(lines.filter((line) => line.includes(sentence))).toEqual([expect.not.stringContaining("stack")]);
    expect(product.output()).not.toMatch(/Cannot find/);
  } finally {
    await product.stop();
  }
}, 240_000);
