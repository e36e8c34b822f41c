import { afterAll, beforeAll, expect, it } from "vitest";
import { describeVariables } from "../../src/config/describe-config.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Where the sandbox sends people back to is what the settings say, as it is at the real providers. */
const providers = ["qq", "weibo", "github", "wechat", "oidc"] as const;
const nameOf = (provider: string) =>
  `${provider === "oidc" ? "OIDC_OIDC" : provider.toUpperCase()}_REDIRECT_URI`;
const redirects = Object.fromEntries(
  providers.map((provider) => [
    nameOf(provider),
    `http://www.meiduo.com:8080/${provider}_callback.html${provider === "oidc" ? "" : "?from=it"}`,
  ]),
);

let configured: ThirdPartyTest;
let standard: ThirdPartyTest;
beforeAll(async () => {
  configured = await startThirdPartyTest({ env: redirects });
  standard = await startThirdPartyTest({ env: { PUBLIC_SITE_URL: "http://www.meiduo.com:8080" } });
});
afterAll(() => Promise.all([configured.close(), standard.close()]));

async function redirectOf({ test }: ThirdPartyTest, provider: string): Promise<string | null> {
  const answer = await test.anonymous({ url: `/oauth/${provider}/authorization/?next=/` });
  expect(answer.statusCode).toBe(200);
  return new URL(answer.json().login_url).searchParams.get("redirect_uri");
}

it.each(providers)(
  "%s: the sandbox sends people to the address that is set, and the log-in ends well",
  async (provider) => {
    expect(await redirectOf(configured, provider)).toBe(redirects[nameOf(provider)]);
    expect(await configured.logIn(provider, "penguin")).toHaveProperty("bind_token");
  },
);

it.each(providers)("%s: without one to the site's own page", async (provider) => {
  expect(await redirectOf(standard, provider)).toBe(`http://www.meiduo.com:8080/oauth/callback/${provider}`);
});

it("check-config shows them, and none of them as without effect", () => {
  const shown = describeVariables(redirects);
  for (const [name, value] of Object.entries(redirects))
    expect(shown.find((one) => one.name === name)).toEqual({ name, value, isDefault: false });
});
