import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { picturesFrom } from "../../../sandbox/pictures.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { ConfigError } from "../../src/errors/config-problem.ts";
import { createSite } from "../../src/site/site.ts";
import { acme } from "../fixtures/providers/acme/provider.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A provider made of nothing but a folder, brought by the embedding program: from the log-in page to the binding. */
const dist = mkdtempSync(join(tmpdir(), "meiduo-own-"));
let sandbox: FastifyInstance;
let test: TestApp;
let site: FastifyInstance;

beforeAll(async () => {
  sandbox = await createSandbox({ environment: "test", providers: [acme] });
  const sandboxOrigin = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  test = await startTestApp({
    sandboxOrigin,
    providers: [{ definition: acme }],
    env: { PUBLIC_SITE_URL: "http://127.0.0.1:8080", OAUTH_TIMEOUT_MS: "15000" },
  });
  writeFileSync(join(dist, "index.html"), "<!doctype html>");
  site = await createSite({
    distDir: dist,
    publicApiUrl: "http://127.0.0.1:8000",
    publicSiteUrl: "http://127.0.0.1:8080",
    providers: test.app.providers,
    fetchPicture: picturesFrom(sandboxOrigin, () => Promise.reject(new Error("a stranger's picture"))),
  });
});
afterAll(async () => {
  await site.close();
  await test.close();
  await sandbox.close();
  rmSync(dist, { recursive: true });
});

interface Shown {
  readonly name: string;
  readonly title: object;
  readonly mark: string;
}

/** From the button to what the provider sends back to the site. */
async function comeBack(name: string, decision: "allow" | "cancel"): Promise<URL> {
  const begun = await test.anonymous({ url: `/oauth/${name}/authorization/?next=/cart` });
  expect(begun.statusCode, begun.body).toBe(200);
  const loginUrl = begun.json().login_url as string;
  const { page, answer } = await decideInSandbox(loginUrl, { person: "xiaomei", decision });
  expect(page).toContain("极致");
  return new URL(answer.headers.get("location")!);
}

const handOver = (name: string, { search }: URL) => test.anonymous({ url: `/oauth/${name}/user/${search}` });

it("has its button, its picture and its callback page on the site", async () => {
  const { providers } = (await site.inject({ url: "/config.json" })).json() as { providers: Shown[] };
  const shown = providers.find(({ name }) => name === "acme-id")!;
  expect(shown).toEqual({ name: "acme-id", aliases: ["acme"], title: acme.title, mark: shown.mark });
  expect((await site.inject({ url: shown.mark })).body).toBe(acme.mark);
  const old = await site.inject({ url: "/acme_callback.html?code=1" });
  expect(old.headers.location).toBe("/oauth/callback/acme-id?code=1");
});

it("logs people in: a first log-in makes an account, the next one finds it", async () => {
  const callback = await comeBack("acme-id", "allow");
  expect(callback.origin + callback.pathname).toBe("http://127.0.0.1:8080/oauth/callback/acme-id");
  const first = await handOver("acme-id", callback);
  expect(first.statusCode, first.body).toBe(200);
  const { bind_token, profile, next } = first.json();
  expect({ profile, next }).toEqual({
    profile: { nickname: "小美", avatar: "https://faces.acme.example/xiaomei.png", email: null },
    next: "/cart",
  });
  const picture = await site.inject({ url: "/avatar", query: { address: profile.avatar } });
  expect([picture.statusCode, picture.headers["content-type"]]).toEqual([200, "image/png"]);
  const payload = { bind_token, username: "acme_member" };
  const made = await test.anonymous({ method: "POST", url: "/oauth/acme-id/account/", payload });
  expect(made.statusCode, made.body).toBe(201);
  // Under its other name it is the same.
  const again = await handOver("acme", await comeBack("acme", "allow"));
  expect(again.json()).toMatchObject({ user_id: made.json().id, username: "acme_member" });
  const bound = await test.as(again.json().token)({ url: "/user/bindings/" });
  expect(bound.json().bindings).toMatchObject([{ provider: "acme-id", nickname: "小美" }]);
});

it("says in its own words that somebody cancelled, and a code of nobody is refused", async () => {
  const callback = await comeBack("acme-id", "cancel");
  expect(callback.search).toBe("?given_up=yes");
  const cancelled = await test.anonymous({
    url: `/oauth/acme-id/user/${callback.search}`,
    headers: { accept: "application/problem+json" },
  });
  expect(cancelled.json()).toMatchObject({ status: 400, code: "oauth_cancelled" });
  const elsewhere = await test.anonymous({
    url: `/oauth/qq/user/${callback.search}`,
    headers: { accept: "application/problem+json" },
  });
  expect(elsewhere.json()).toMatchObject({ status: 400, code: "oauth_code_missing" });
});

it("is offered behind ours, under a number of its own", async () => {
  const { providers } = (await test.anonymous({ url: "/oauth/providers/" })).json();
  expect(providers.at(-1)).toEqual({ name: "acme-id", title: "极致", login_type: 100 });
  expect(providers.map((one: { login_type: number }) => one.login_type)).toEqual([1, 2, 3, 4, 20, 5, 100]);
});

it("is told what is wrong with its settings, and that a name is taken, before anything starts", async () => {
  const incomplete = [{ definition: acme, settings: { ACME_ID_CLIENT_ID: "1" } }];
  const refused = startTestApp({ providers: incomplete });
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow(/^ACME_ID_CLIENT_SECRET /);
  const twice = startTestApp({ providers: [{ definition: acme }, { definition: acme }] });
  await expect(twice).rejects.toThrow("Two providers have the login_type 100.");
  const other = { ...acme, loginType: 101, aliases: ["sina"] };
  await expect(startTestApp({ providers: [{ definition: other }] })).rejects.toThrow(
    "Two providers have the name sina.",
  );
});

it("without credentials and without the sandbox it is 503, with the setting that is missing", async () => {
  const bare = await startTestApp({ providers: [{ definition: acme }], env: { SANDBOX: "false" } });
  try {
    const answer = await bare.anonymous({ url: "/oauth/acme-id/authorization/" });
    expect([answer.statusCode, answer.body]).toEqual([503, expect.stringContaining("ACME_ID_CLIENT_ID")]);
  } finally {
    await bare.close();
  }
});
