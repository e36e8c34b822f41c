import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../test/support/scripted-provider.ts";
import { createCheckProvider } from "./check-provider.ts";
import { createGithub } from "./github/github.ts";

/** What GitHub's documentation says that its token endpoint answers, each to a code that nobody gave. */
let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startScriptedProvider();
});
afterEach(() => provider.close());

const token = "/login/oauth/access_token";
const check = (over: { readonly baseUrl?: string } = {}) => {
  const client = createGithub({ ...settingsFor(provider), ...over }, provider.upstream);
  return createCheckProvider((name) =>
    name === "github" ? { client } : name === "qq" ? { client: null } : null,
  );
};
const json = (value: object) => ({ status: 200, text: JSON.stringify(value), type: "application/json" });

it("one that refuses the code alone has taken the credentials, and is told nothing of anybody", async () => {
  provider.answers[token] = json({ error: "bad_verification_code", error_description: "expired" });
  expect(await check()("github")).toEqual({ outcome: "works", detail: null });
  const [asked, ...others] = provider.seen;
  expect(others).toEqual([]);
  expect(asked?.body).toContain("check-");
});

it.each([
  [
    "credentials",
    json({ error: "incorrect_client_credentials", error_description: "The client_id is wrong" }),
  ],
  ["unclear", { status: 500, text: "<h1>down</h1>", type: "text/html" }],
] as const)("%s", async (outcome, answer) => {
  provider.answers[token] = answer;
  const found = await check()("github");
  expect(found?.outcome).toBe(outcome);
  expect(found?.detail).toEqual(expect.any(String));
  expect(found?.detail).not.toContain("secret-1");
});

it("unreachable where nothing listens", async () => {
  // The port of the discard protocol, where nobody is.
  expect((await check({ baseUrl: "http://127.0.0.1:9" })("github"))?.outcome).toBe("unreachable");
});

it("has nothing to say of one without credentials, and of one that there is not", async () => {
  expect(await check()("qq")).toBeNull();
  expect(await check()("nobody")).toBeNull();
});
