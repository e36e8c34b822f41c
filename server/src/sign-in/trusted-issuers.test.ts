import { expect, test } from "vitest";
import { isTrustedWithFactor } from "./trusted-issuers.ts";

const rules = [
  { provider: "work", claim: "amr", value: "mfa" },
  { provider: "work", claim: "acr", value: "urn:two" },
  { provider: "school", claim: "acr", value: "2" },
] as const;

test.each([
  ["work", { amr: ["pwd", "mfa"], acr: null }, true],
  ["work", { amr: [], acr: "urn:two" }, true],
  ["work", { amr: ["pwd"], acr: "2" }, false],
  ["work", { amr: ["MFA"], acr: "mfa" }, false],
  ["school", { amr: ["mfa"], acr: null }, false],
  ["school", { amr: [], acr: "2" }, true],
  ["github", { amr: ["mfa"], acr: "2" }, false],
  ["work", undefined, false],
])("%s saying %j: %s", (provider, said, isTrusted) => {
  expect(isTrustedWithFactor(rules, provider, said)).toBe(isTrusted);
});

test("nobody is believed by default", () => {
  expect(isTrustedWithFactor([], "work", { amr: ["mfa"], acr: "2" })).toBe(false);
});
