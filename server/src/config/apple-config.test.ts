import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../test/support/configured-providers.ts";
import { checkAddresses } from "../cli/doctor/address-checks.ts";
import { ConfigError, type ConfigProblem } from "../errors/config-problem.ts";
import { readConfig } from "./config.ts";
import { describeConfig } from "./describe-config.ts";

/** The settings of the one provider that has a key in place of a secret, and an address of the API to come back to. */
const pemOf = (key: KeyObject, type: "pkcs8" | "sec1" = "pkcs8") =>
  key.export({ type: type as "pkcs8", format: "pem" }).toString();
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = pemOf(privateKey);
const given = {
  APPLE_CLIENT_ID: "com.example.web",
  APPLE_TEAM_ID: "TEAM567890",
  APPLE_KEY_ID: "KEY4567890",
  APPLE_PRIVATE_KEY: pem,
};
const addresses = {
  PUBLIC_SITE_URL: "https://www.example.com",
  PUBLIC_API_URL: "https://api.example.com/v1/",
};

function problemsOf(source: Record<string, string>): readonly ConfigProblem[] {
  try {
    readConfig(source);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}
const named = (source: Record<string, string>) => problemsOf(source).map(({ variable }) => variable);

test("the redirect address is the API's, below its path, unless another is set", () => {
  expect(readSettings(readConfig({ ...given, ...addresses }), "apple")).toEqual([
    {
      ...{ clientId: "com.example.web", teamId: "TEAM567890", keyId: "KEY4567890", privateKey: pem },
      redirectUri: "https://api.example.com/v1/oauth/callback/apple",
      baseUrl: "https://appleid.apple.com",
    },
  ]);
  const own = {
    APPLE_REDIRECT_URI: "https://shop.example/back",
    APPLE_BASE_URL: "http://127.0.0.1:9/apple/",
  };
  expect(readSettings(readConfig({ ...given, ...own }), "apple")).toMatchObject([
    { redirectUri: "https://shop.example/back", baseUrl: "http://127.0.0.1:9/apple" },
  ]);
});

test.each([
  ["as it is", pem],
  ["in one line", pem.trim().replaceAll("\n", "\\n")],
  ["in one line of Windows", pem.replaceAll("\n", "\\r\\n")],
  ["with the line breaks of Windows", pem.replaceAll("\n", "\r\n")],
  ["in the form of OpenSSL", pemOf(privateKey, "sec1")],
])("the key is read %s", (_how, text) => {
  const config = readConfig({ ...given, APPLE_PRIVATE_KEY: text });
  expect(readSettings(config, "apple")).toMatchObject([{ privateKey: pem }]);
});

describe("is refused at the start, in both languages and without the value,", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const encrypted = privateKey.export({
    ...{ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
  });
  test.each([
    ["a key that is no PEM", "APPLE_PRIVATE_KEY", "MIGTAgEAMBMG-secret", "PEM"],
    ["half a PEM", "APPLE_PRIVATE_KEY", pem.slice(0, 90), "PEM"],
    [
      "a public key",
      "APPLE_PRIVATE_KEY",
      publicKey.export({ type: "spki", format: "pem" }).toString(),
      "PEM",
    ],
    ["a key behind a password", "APPLE_PRIVATE_KEY", encrypted.toString(), "PEM"],
    ["a path", "APPLE_PRIVATE_KEY", "/etc/meiduo/keys/apple/AuthKey_KEY4567890.p8", "PEM"],
    ["a key of RSA", "APPLE_PRIVATE_KEY", pemOf(rsa), "P-256"],
    ["a key on another curve", "APPLE_PRIVATE_KEY", pemOf(p384), "P-256"],
    ["a team that is too short", "APPLE_TEAM_ID", "TEAM56789", "10"],
    ["a team in small letters", "APPLE_TEAM_ID", "team567890", "10"],
    ["the key in the place of its id", "APPLE_KEY_ID", pem, "10"],
    ["a redirect address with a query", "APPLE_REDIRECT_URI", "https://api.example.com/back?x=1", "?"],
  ])("%s", (_what, variable, value, said) => {
    const [problem, ...others] = problemsOf({ ...given, [variable]: value });
    expect(others).toEqual([]);
    expect(problem!.variable).toBe(variable);
    for (const text of [problem!.message, problem!.zh]) {
      expect(text).toContain(said);
      expect(text).not.toContain(value.slice(30, 60) || value);
    }
  });

  test("each of the four without the others", () => {
    const names = Object.keys(given);
    for (const name of names) {
      const { [name]: _, ...rest } = given as Record<string, string>;
      expect(named(rest)).toEqual([name]);
      expect(named({ ...rest, [name]: " " })).toEqual([name]);
      const alone = { [name]: given[name as keyof typeof given] };
      expect(named(alone)).toEqual(names.filter((one) => one !== name));
    }
    const [{ message, zh }] = problemsOf({ ...given, APPLE_TEAM_ID: "" }) as [ConfigProblem];
    for (const text of [message, zh]) for (const name of names) expect(text).toContain(name);
  });

  test("Apple in the clear, in production", () => {
    const production = {
      ...{ ENVIRONMENT: "production", SECRET_KEY: "k".repeat(40), SMTP_URL: "smtp://mail.example.com" },
      ...{ ...addresses, CORS_ORIGIN_WHITELIST: "https://www.example.com" },
    };
    const relay = { APPLE_BASE_URL: "http://relay.example.com" };
    expect(named({ ...production, ...given, ...relay })).toEqual(["APPLE_BASE_URL"]);
    expect(named({ ...production, ...given })).toEqual([]);
  });
});

test("the name of the address below which forms come in is nobody's", () => {
  const issuer = { ISSUER: "https://login.example.com", CLIENT_ID: "a", CLIENT_SECRET: "b" };
  for (const name of ["CALLBACK", "APPLE"]) {
    const settings = Object.entries(issuer).map(([part, value]) => [`OIDC_${name}_${part}`, value]);
    expect(named(Object.fromEntries(settings))).toEqual([`OIDC_${name}_ISSUER`]);
  }
});

test("the key is never shown", () => {
  const shown = describeConfig({ ...given, ...addresses });
  expect(shown).toContain("APPLE_CLIENT_ID=com.example.web");
  expect(shown).toContain("APPLE_TEAM_ID=TEAM567890");
  expect(shown).toContain("APPLE_REDIRECT_URI=https://api.example.com/v1/oauth/callback/apple");
  expect(shown).not.toContain(pem.slice(30, 60));
  expect(shown).toMatch(/APPLE_PRIVATE_KEY=(?!-----)/);
});

test("the doctor compares the redirect address with the API's, not with the site's", () => {
  const judged = (more: Record<string, string>) =>
    checkAddresses(readConfig({ ...given, ...addresses, ...more })).filter(
      ({ check }) => check === "redirect-apple",
    );
  expect(judged({})).toMatchObject([{ level: "ok" }]);
  const onSite = judged({ APPLE_REDIRECT_URI: "https://www.example.com/oauth/callback/apple" });
  expect(onSite).toMatchObject([{ level: "fail" }]);
  expect(JSON.stringify(onSite)).toContain("PUBLIC_API_URL");
  const outside = judged({ APPLE_REDIRECT_URI: "https://api.example.com/oauth/callback/apple" });
  expect(outside).toMatchObject([{ level: "warn" }]);
});
