import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Decision, decideInSandbox } from "../../../sandbox/decide.ts";
import { findPerson, people } from "../../../sandbox/people.ts";
import { createSandbox, sandboxSettings } from "../../../sandbox/sandbox.ts";
import { readConfig } from "../../src/config/config.ts";
import { idOf as githubId } from "../../src/identities/providers/github/sandbox.ts";
import { CodeRefused, type Provider, ProviderTrouble } from "../../src/identities/providers/provider.ts";
import { createProviders, type Providers } from "../../src/identities/providers/providers.ts";
import { identityOf as qqIdentity } from "../../src/identities/providers/qq/sandbox.ts";
import { createUpstream, type Upstream } from "../../src/identities/providers/upstream.ts";
import { identityOf as wechatIdentity } from "../../src/identities/providers/wechat/sandbox.ts";
import { uidOf as weiboUid } from "../../src/identities/providers/weibo/sandbox.ts";
import { switchNames } from "../support/imitations.ts";

/** Every provider client against the imitation of its provider, over real sockets. */
const secrets = { codeVerifier: "v".repeat(43), nonce: "n".repeat(22) };
const names = ["qq", "weibo", "github", "wechat", "oidc"] as const;
type Name = (typeof names)[number];

let sandbox: FastifyInstance;
/** Clients that wait as long as a busy machine needs, and ones for who never answers. */
let [upstream, hastyUpstream]: Upstream[] = [];
let [providers, hastyProviders]: Providers[] = [];

beforeAll(async () => {
  sandbox = await createSandbox({ environment: "test", slowMillis: 60_000 });
  const origin = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const limits = { maxBytes: 64 * 1024, proxy: { http: "", https: "", except: "" } };
  upstream = createUpstream({ ...limits, timeoutMillis: 20_000, connectTimeoutMillis: 10_000 });
  hastyUpstream = createUpstream({ ...limits, timeoutMillis: 600, connectTimeoutMillis: 500 });
  const read = readConfig(settingsAt(origin)).oauth.providers;
  providers = createProviders(read, upstream);
  hastyProviders = createProviders(read, hastyUpstream);
});

afterAll(async () => {
  await upstream!.close();
  await hastyUpstream!.close();
  await sandbox.close();
});

/** As `npm run sandbox` prints them, with an id and a secret to be recognised, and the issuer by the name of its kind. */
function settingsAt(origin: string): Record<string, string> {
  const settings = Object.entries(sandboxSettings(origin)).map(([name, value]) => {
    const part = /_CLIENT_(ID|SECRET)$/.exec(name)?.[1];
    return [
      name.replace("OIDC_SANDBOX_", "OIDC_OIDC_"),
      part === undefined ? value : part === "ID" ? "sandbox-client" : "sandbox-secret",
    ];
  });
  return Object.fromEntries(settings);
}

function client(name: Name, from = providers): Provider {
  return from!.find(name)!.client!;
}

/** Goes through the consent page as a browser would and returns what comes back to the site. */
async function decide(name: Name, form: Decision): Promise<Response> {
  const loginUrl = await client(name).authorizationUrl({ state: "s".repeat(64), secrets, language: "zh" });
  return (await decideInSandbox(loginUrl, form)).answer;
}

async function codeFor(name: Name, person: string, trouble = ""): Promise<string> {
  const answer = await decide(name, { decision: "allow", person, trouble });
  const callback = new URL(answer.headers.get("location")!);
  expect(callback.searchParams.get("state")).toBe("s".repeat(64));
  return callback.searchParams.get("code")!;
}

async function identify(name: Name, person: string, trouble = "") {
  const code = await codeFor(name, person, trouble);
  const from = trouble.endsWith("-slow") ? hastyProviders : providers;
  const identity = await client(name, from).identify({ code, secrets, issuer: null });
  return { code, keys: identity.keys, profile: await identity.profile() };
}

const keysOf: Record<Name, (id: string) => readonly string[]> = {
  qq: (id) => [qqIdentity(findPerson(id)).unionid, qqIdentity(findPerson(id)).openid],
  weibo: (id) => [String(weiboUid(findPerson(id)))],
  github: (id) => [String(githubId(findPerson(id)))],
  wechat: (id) => [
    `unionid:${wechatIdentity(findPerson(id)).unionid}`,
    `sandbox-client:${wechatIdentity(findPerson(id)).openid}`,
  ],
  oidc: (id) => [expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/oidc\\|${id}$`))],
};

describe.each(names)("%s", (name) => {
  test("everybody of the sandbox is recognised by their key, with a clean profile", async () => {
    for (const { id } of people) {
      const { keys, profile } = await identify(name, id);
      expect(keys).toEqual(keysOf[name](id));
      expect(profile.nickname ?? "").not.toMatch(/[\p{Cc}\u202E]/u);
      expect(profile.avatar).toMatch(/^https:\/\//);
    }
    expect((await identify(name, "penguin")).profile.nickname).toBe("飞翔的企鹅");
  });

  test("a code works once", async () => {
    const { code } = await identify(name, "penguin");
    await expect(client(name).identify({ code, secrets, issuer: null })).rejects.toThrow(CodeRefused);
  });

  test.each(["badcode", "中文 &?#", "x".repeat(512)])("an invented code %j is refused", async (code) => {
    await expect(client(name).identify({ code, secrets, issuer: null })).rejects.toThrow(CodeRefused);
  });

  test("a code of one person is never answered with another", async () => {
    const [first, second] = [await codeFor(name, "penguin"), await codeFor(name, "xiaomei")];
    const [b, a] = await Promise.all(
      [second, first].map((code) => client(name).identify({ code, secrets, issuer: null })),
    );
    expect(a!.keys).toEqual(keysOf[name]("penguin"));
    expect(b!.keys).toEqual(keysOf[name]("xiaomei"));
  });

  test("of 20 callbacks with one code exactly one succeeds", async () => {
    const code = await codeFor(name, "penguin");
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => client(name).identify({ code, secrets, issuer: null })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(CodeRefused);
    }
  });

  test("cancelling gives no code", async () => {
    const answer = await decide(name, { decision: "cancel", person: "penguin" });
    const location = answer.headers.get("location");
    expect(location ?? "").not.toMatch(/[?&]code=/);
    if (name === "qq") expect(answer.status).toBe(200);
    else expect(location).toMatch(/[?&]state=s{64}/);
  });

  const expected = (trouble: string): "fine" | "refused" | "trouble" | "no code" => {
    if (trouble === "redirect-mismatch" || trouble === "twice") return "no code";
    if (["code-reused", "code-expired", "wrong-verifier", "refused-401"].includes(trouble)) return "refused";
    // A list is what GitHub's e-mail addresses are.
    if (name === "github" && trouble === "profile-list") return "fine";
    const harmless = ["jsonp-compact", "fmt-ignored", "no-unionid", "unionid-refused", "types-swapped"];
    // When somebody logged in there matters where it was asked for alone: step-up-provider.test.ts.
    return [...harmless, "emails-refused", "old-log-in", "revoke-refused", "revoke-down"].includes(trouble)
      ? "fine"
      : "trouble";
  };

  test.each(switchNames(name))("switch %s", async (trouble) => {
    const started = performance.now();
    switch (expected(trouble)) {
      case "no code": {
        const answer = await decide(name, { decision: "allow", person: "penguin", trouble });
        expect(answer.headers.get("location") ?? "").not.toMatch(/[?&]code=/);
        break;
      }
      case "fine": {
        const { keys, profile } = await identify(name, "xiaomei", trouble);
        expect(keysOf[name]("xiaomei")).toEqual(expect.arrayContaining([...keys]));
        expect(profile.nickname).toBe("小美");
        break;
      }
      case "refused":
        await expect(identify(name, "penguin", trouble)).rejects.toThrow(CodeRefused);
        break;
      case "trouble": {
        const error = await identify(name, "penguin", trouble).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(ProviderTrouble);
        expect((error as Error).message).not.toMatch(/sandbox-secret|gho_|oidc-/);
      }
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test("a missing unionid leaves the openid as the only key", async () => {
  const qq = [qqIdentity(findPerson("penguin")).openid];
  expect((await identify("qq", "penguin", "no-unionid")).keys).toEqual(qq);
  expect((await identify("qq", "penguin", "unionid-refused")).keys).toEqual(qq);
  expect((await identify("wechat", "penguin", "no-unionid")).keys).toEqual([
    `sandbox-client:${wechatIdentity(findPerson("penguin")).openid}`,
  ]);
});

test("only a primary and verified e-mail is offered", async () => {
  for (const name of ["github", "oidc"] as const) {
    expect((await identify(name, "xiaomei")).profile.verifiedEmail).toBe("xiaomei@example.com");
    expect((await identify(name, "penguin")).profile.verifiedEmail).toBeNull();
    expect((await identify(name, "namesake")).profile.verifiedEmail).toBeNull();
    expect((await identify(name, "nameless")).profile.verifiedEmail).toBeNull();
  }
  expect((await identify("github", "xiaomei", "emails-refused")).profile.verifiedEmail).toBeNull();
  expect((await identify("qq", "xiaomei")).profile.verifiedEmail).toBeNull();
});

test("a verifier or nonce of another log-in is refused", async () => {
  const other = { codeVerifier: "w".repeat(43), nonce: secrets.nonce };
  for (const name of ["github", "oidc"] as const) {
    const code = await codeFor(name, "penguin");
    await expect(client(name).identify({ code, secrets: other, issuer: null })).rejects.toThrow(CodeRefused);
  }
  const code = await codeFor("oidc", "penguin");
  const wrongNonce = { codeVerifier: secrets.codeVerifier, nonce: "other" };
  await expect(client("oidc").identify({ code, secrets: wrongNonce, issuer: null })).rejects.toThrow(
    ProviderTrouble,
  );
});

test("the sandbox can't exist in production and says on every page what it is", async () => {
  await expect(createSandbox({ environment: "production" })).rejects.toThrow(/production/);
  for (const name of names) {
    const url = await client(name).authorizationUrl({ state: "/", secrets: null, language: "en" });
    const page = await (await fetch(url, { headers: { "accept-language": "en" } })).text();
    expect(page).toContain("not the real service");
    expect(page).toContain('data-testid="allow"');
    expect(page).not.toContain("<script");
  }
});
