import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-problem.ts";
import { readConfig, type Source } from "./config.ts";
import { describeConfig } from "./describe-config.ts";

/** What CONTRACT=classic sets beside itself, and how check-config says so. */
const lineOf = (source: Source, name: string) =>
  describeConfig(source)
    .split("\n")
    .find((line) => line.startsWith(`${name}=`));

const classic = { CONTRACT: "classic" };
const sets = [
  ["OAUTH_STATE", "path", "signed"],
  ["LANGUAGES", "zh-Hans", "en"],
  ["SIGN_UP_BY", "mobile", "email,mobile"],
  [
    "CORS_ORIGIN_WHITELIST",
    "http://127.0.0.1:8080,http://localhost:8080,http://www.meiduo.site:8080,http://api.meiduo.site:8000",
    "https://shop.example.com",
  ],
] as const;

describe.each(sets)("CONTRACT=classic and %s", (name, value, explicit) => {
  it("sets it, and says who did", () => {
    expect(lineOf(classic, name)).toBe(`${name}=${value}  # set by CONTRACT=classic`);
    // An empty variable is none.
    expect(lineOf({ ...classic, [name]: "  " }, name)).toBe(`${name}=${value}  # set by CONTRACT=classic`);
  });

  it("leaves what is set by hand, also where that is the default of the table", () => {
    // The own site's origin is added to those in the list, as ever.
    const own = name === "CORS_ORIGIN_WHITELIST" ? ",http://127.0.0.1:8080" : "";
    expect(lineOf({ ...classic, [name]: explicit }, name)).toBe(`${name}=${explicit}${own}`);
  });

  it("sets nothing with CONTRACT=email, or unset", () => {
    for (const source of [{}, { CONTRACT: "email" }]) {
      expect(lineOf(source, name)).toMatch(/ {2}# default$/);
      expect(describeConfig(source)).not.toContain("# set by");
    }
  });
});

it("is what the server goes by", () => {
  const config = readConfig(classic);
  const of = ({ oauth, words, signUpBy }: typeof config) => [oauth.stateMode, words.languages, signUpBy];
  expect(of(config)).toEqual(["path", ["zh"], ["mobile"]]);
  const byHand = { OAUTH_STATE: "signed", LANGUAGES: "en", SIGN_UP_BY: "email" };
  expect(of(readConfig({ ...classic, ...byHand }))).toEqual(["signed", ["en"], ["email"]]);
  expect(config.corsOrigins).toContain("http://www.meiduo.site:8080");
  const listed = readConfig({ ...classic, CORS_ORIGIN_WHITELIST: "https://shop.example.com" });
  expect(listed.corsOrigins).not.toContain("http://www.meiduo.site:8080");
});

it("says of a number what the original says, unless the operator says it otherwise", () => {
  const saying = (source: Source) => {
    const { words } = readConfig(source);
    return ["invalid_mobile", "mobile_taken"].map((code) =>
      words.text(`errors.fields.${code}`, words.languages[0]!),
    );
  };
  expect(saying(classic)).toEqual(["手机号格式错误", "具有 手机号 的 用户 已存在。"]);
  expect(saying({ CONTRACT: "email" })).toEqual(["请输入合法的手机号。", "该手机号已被使用。"]);
  expect(saying({ ...classic, LANGUAGES: "en" })[0]).toBe("Enter a valid mobile number.");
  const folder = mkdtempSync(join(tmpdir(), "meiduo-texts-"));
  const own = { "errors.fields.mobile_taken": "手机号被别人用了。" };
  writeFileSync(join(folder, "zh-Hans.json"), JSON.stringify(own));
  expect(saying({ ...classic, TEXTS_DIR: folder })).toEqual(["手机号格式错误", "手机号被别人用了。"]);
  rmSync(folder, { recursive: true });
});

const production = {
  ...{ ...classic, ENVIRONMENT: "production", SECRET_KEY: "k".repeat(48), EMAIL_FROM: "a@example.com" },
  ...{ SMTP_URL: "smtp://smtp.example.com:587", CORS_ORIGIN_WHITELIST: "https://shop.example.com" },
  ...{ PUBLIC_SITE_URL: "https://shop.example.com", PUBLIC_API_URL: "https://api.example.com" },
};
const problems = (source: Source) => {
  try {
    readConfig(source);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};

it("lists no origin of development in production, which asks for one", () => {
  const { CORS_ORIGIN_WHITELIST: _, ...without } = production;
  expect(describeConfig(without)).not.toContain("www.meiduo.site");
  expect(problems(without)).toContain("CORS_ORIGIN_WHITELIST");
});

it("production refuses SANDBOX_CAPTCHA_TEXT, and nothing else of the same settings", () => {
  expect(problems({ ...production, SANDBOX_CAPTCHA_TEXT: "ABCD" })).toEqual([
    ...problems(production),
    "SANDBOX_CAPTCHA_TEXT",
  ]);
  expect(problems(production)).not.toContain("SANDBOX_CAPTCHA_TEXT");
  // Refused whatever the contract: it is no setting of a site that people use.
  expect(problems({ ...production, CONTRACT: "email", SANDBOX_CAPTCHA_TEXT: "ABCD" })).toContain(
    "SANDBOX_CAPTCHA_TEXT",
  );
});

it("production refuses the sandbox's captcha", () => {
  const sandbox = { CAPTCHA_URL: "turnstile+http://site-key:secret@127.0.0.1:8001" };
  expect(problems({ ...production, ...sandbox })).toContain("CAPTCHA_URL");
  expect(problems(sandbox)).toEqual([]);
  const real = { CAPTCHA_URL: "turnstile://site-key:secret@challenges.cloudflare.com" };
  expect(problems({ ...production, ...real })).not.toContain("CAPTCHA_URL");
});

it.each(["ABC", "ABCDEFG", "AB D", "图形验证"])("SANDBOX_CAPTCHA_TEXT=%s is no text of a picture", (text) => {
  expect(problems({ ...classic, SANDBOX_CAPTCHA_TEXT: text })).toEqual(["SANDBOX_CAPTCHA_TEXT"]);
});

it("says of what only the classic contract uses that it has no effect elsewhere", () => {
  for (const [name, value] of [
    ["SMS_CAPTCHA", "optional"],
    ["SANDBOX_CAPTCHA_TEXT", "ABCD"],
    ["CLASSIC_ADDRESSES", "false"],
  ] as const) {
    expect(lineOf({ [name]: value }, name)).toBe(`${name}=${value}  # no effect: CONTRACT is email`);
    expect(lineOf({ ...classic, [name]: value }, name)).toBe(`${name}=${value}`);
  }
});
