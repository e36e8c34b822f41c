import { describe, expect, it } from "vitest";
import { createEmailDomains, readDomains, throwawayDomains } from "./email-domains.ts";

const rules = (over: Partial<Parameters<typeof createEmailDomains>[0]>) =>
  createEmailDomains({ allowed: [], refused: [], throwaway: null, ...over });

describe("domains of addresses", () => {
  it("are all welcome where nothing is set", () => {
    expect(rules({})("a@anything.example")).toBeNull();
  });

  it.each([
    ["a@example.com", null],
    ["a@xn--fsqu00a.xn--fiqs8s", null],
    ["a@sub.example.org", null],
    ["a@deep.sub.example.org", null],
    ["a@sub.example.com", "email_domain_refused"],
    ["a@example.org", "email_domain_refused"],
    ["a@notexample.com", "email_domain_refused"],
    ["a@example.com.evil.example", "email_domain_refused"],
  ])("that are allowed, exactly or below a star: %s is %s", (email, expected) => {
    const allowed = readDomains({ wildcards: true })("Example.COM, 例子.中国, *.example.org");
    expect(rules({ allowed })(email)).toBe(expected);
  });

  it.each([
    ["a@spam.example", "email_domain_refused"],
    ["a@any.spam.example", "email_domain_refused"],
    ["a@ok.example", null],
    ["a@antispam.example", null],
    ["a@xn--fsqu00a.xn--fiqs8s", "email_domain_refused"],
  ])("that are refused, with those below them: %s is %s", (email, expected) => {
    const refused = readDomains({ wildcards: false })("spam.example,例子。中国");
    expect(rules({ refused })(email)).toBe(expected);
  });

  it("are refused although a wider name is allowed", () => {
    const check = rules({ allowed: ["*.example.org"], refused: ["bad.example.org"] });
    expect([check("a@good.example.org"), check("a@bad.example.org")]).toEqual([null, "email_domain_refused"]);
  });

  it("of throw-away mailboxes are known by the list, below them too", async () => {
    const check = rules({ throwaway: await throwawayDomains() });
    expect(check("a@mailinator.com")).toBe("email_throwaway");
    expect(check("a@any.mailinator.com")).toBe("email_throwaway");
    for (const domain of ["qq.com", "163.com", "gmail.com", "outlook.com", "example.com", "com"])
      expect([domain, check(`a@${domain}`)]).toEqual([domain, null]);
  });

  it.each([
    ["*.example.com", false],
    ["two words", true],
    ["a@example.com", true],
    [",", true],
    ["*", true],
  ])("in a setting are domains: %j is none", (raw, wildcards) => {
    expect(() => readDomains({ wildcards })(raw)).toThrow(/must list domains/);
  });
});
