import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { issuerMetadata } from "../../../../test/support/issuer-metadata.ts";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../../test/support/scripted-provider.ts";
import { troubleOf } from "../../../../test/support/trouble-of.ts";
import type { ProviderClient } from "../provider.ts";
import { createUpstream, upstreamDefaults } from "../upstream.ts";
import { createOidc } from "./oidc.ts";

const discovery = "/realm/.well-known/openid-configuration";
const secrets = { codeVerifier: "v".repeat(43), nonce: "n".repeat(22) };
const flow = { state: "s".repeat(64), secrets, language: "zh" } as const;

let scripted: ScriptedProvider;
let issuer: string;
let oidc: ProviderClient;
beforeEach(async () => {
  scripted = await startScriptedProvider();
  issuer = `${scripted.origin}/realm`;
  const { clientId, clientSecret, redirectUri } = settingsFor(scripted);
  oidc = createOidc({ issuer, clientId, clientSecret, redirectUri, allowHttp: true }, scripted.upstream);
});
afterEach(() => scripted.close());

/** What the issuer says of itself; everything it could want is offered, so that only `changes` can be wrong. */
function publish(changes: Record<string, unknown> = {}): void {
  const metadata = {
    ...issuerMetadata(issuer),
    code_challenge_methods_supported: ["S256"],
    ...changes,
  };
  scripted.answers[discovery] = { status: 200, text: JSON.stringify(metadata), type: "application/json" };
}

const pathsAsked = () => scripted.seen.map(({ path }) => path);

test("people are sent to the published address with PKCE, nonce and the least scope", async () => {
  publish();
  const url = new URL(await oidc.authorizationUrl(flow));
  expect(url.origin + url.pathname).toBe(`${issuer}/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: "client-1",
    redirect_uri: "https://www.example.com/oauth/callback/x",
    response_type: "code",
    scope: "openid profile email",
    state: flow.state,
    nonce: secrets.nonce,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
    ui_locales: "zh-CN zh",
  });
  const fresh = new URL(await oidc.authorizationUrl({ ...flow, isFresh: true })).searchParams;
  expect([fresh.get("prompt"), fresh.get("max_age")]).toEqual(["login", "0"]);
  // Read once, not for every visitor.
  await oidc.authorizationUrl(flow);
  expect(pathsAsked()).toEqual([discovery]);
});

/** OWASP ASVS 10.5.3: an issuer may not pass itself off as another by its metadata. */
describe("metadata of another issuer than the configured one", () => {
  test.each([
    ["another host", () => "https://accounts.google.com"],
    ["another realm of the same host", () => `${scripted.origin}/other`],
    ["the host alone", () => scripted.origin],
    ["a path below", () => `${issuer}/staff`],
    ["a slash more", () => `${issuer}/`],
    ["other letters of the path", () => `${scripted.origin}/REALM`],
    ["another scheme", () => issuer.replace("http:", "https:")],
    ["a template, as Microsoft's `common`", () => `${scripted.origin}/{tenantid}`],
    ["no text", () => 1],
    ["none", () => undefined],
  ])("is refused: %s", async (_what, named) => {
    publish({ issuer: named() });
    const trouble = await troubleOf(oidc.authorizationUrl(flow));
    expect(trouble.message).toMatch(/^discovery: .*issuer/);
    expect(trouble.message).not.toContain("google");
    // Nothing it named was asked: neither code nor secret reaches an address out of such metadata.
    const callback = { code: "c0de", secrets, issuer: null };
    await troubleOf(oidc.identify(callback));
    expect(new Set(pathsAsked())).toEqual(new Set([discovery]));
    // Not kept either.
    publish();
    await expect(oidc.authorizationUrl(flow)).resolves.toContain(`${issuer}/authorize?`);
  });
});

test("no host is excepted, and none by asking for the metadata's own address", async () => {
  const { clientId, clientSecret, redirectUri } = settingsFor(scripted);
  const proxy = { http: scripted.origin, https: scripted.origin, except: "" };
  const upstream = createUpstream({ ...upstreamDefaults, proxy });
  const at = (address: string) =>
    createOidc(
      {
        issuer: address,
        clientId,
        clientSecret,
        redirectUri,
        allowHttp: true,
      },
      upstream,
    );
  try {
    publish();
    for (const address of ["http://shop.b2clogin.com/realm", `${scripted.origin}${discovery}`]) {
      scripted.seen.length = 0;
      const { message } = await troubleOf(at(address).authorizationUrl(flow));
      expect(message).toBe("discovery: the metadata is another issuer's");
      expect(scripted.seen).toHaveLength(1);
    }
  } finally {
    await upstream.close();
  }
});

describe("an answer of another issuer (RFC 9207)", () => {
  test.each([
    ["names another", {}, "https://issuer.example"],
    ["names none where one is promised", { authorization_response_iss_parameter_supported: true }, null],
  ])("%s: the code is not traded", async (_what, changes, iss) => {
    publish(changes);
    const trouble = await troubleOf(oidc.identify({ code: "c0de", secrets, issuer: iss }));
    expect(trouble.message).toContain('"iss"');
    expect(pathsAsked()).toEqual([discovery]);
  });

  test("the right one is taken", async () => {
    publish({ authorization_response_iss_parameter_supported: true });
    await troubleOf(oidc.identify({ code: "c0de", secrets, issuer }));
    expect(pathsAsked()).toEqual([discovery, "/realm/token"]);
  });
});

describe("metadata that can't be used is trouble, never an address to go to", () => {
  test.each([
    ["no authorization endpoint", { authorization_endpoint: undefined }],
    ["a relative one", { authorization_endpoint: "/authorize" }],
    ["a script", { authorization_endpoint: "javascript:alert(1)" }],
    ["a number", { authorization_endpoint: 1 }],
  ])("%s", async (_what, changes) => {
    publish(changes);
    const trouble = await troubleOf(oidc.authorizationUrl(flow));
    expect(trouble.message).toMatch(/^authorization: /);
  });

  test.each([
    ["no token endpoint", { token_endpoint: undefined }],
    ["a file", { token_endpoint: "file:///etc/passwd" }],
    ["a number", { token_endpoint: 1 }],
  ])("%s", async (_what, changes) => {
    publish(changes);
    await troubleOf(oidc.identify({ code: "c0de", secrets, issuer: null }));
    expect(pathsAsked()).toEqual([discovery]);
  });

  test.each([
    ["HTML", { status: 200, text: "<html>", type: "text/html" }],
    ["nothing", ""],
    ["a list", { status: 200, text: "[]", type: "application/json" }],
    ["500", { status: 500, text: "{}", type: "application/json" }],
    ["a redirect", { status: 302, text: "" }],
  ])("%s", async (_what, answer) => {
    scripted.answers[discovery] = answer;
    const { message } = await troubleOf(oidc.authorizationUrl(flow));
    expect(message).toMatch(/^(discovery|\/realm\/\.well-known\/openid-configuration): /);
  });
});
