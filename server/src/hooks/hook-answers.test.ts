import { describe, expect, it } from "vitest";
import { readClaims, readVerdict } from "./hook-answers.ts";

describe("a verdict", () => {
  it.each([
    [{ allow: true, message: "x" }, { allow: true }],
    [
      { allow: false, message: "No." },
      { allow: false, message: { zh: "No.", en: "No." } },
    ],
    [
      { allow: false, message: { zh: "不行。", en: "No." } },
      { allow: false, message: { zh: "不行。", en: "No." } },
    ],
    [
      { allow: false, message: " a\n\tb\u202ec " },
      { allow: false, message: { zh: "a bc", en: "a bc" } },
    ],
  ])("%j is %j", (answer, expected) => {
    expect(readVerdict(answer)).toEqual(expected);
  });

  it("has a sentence of at most 200 characters", () => {
    expect(readVerdict({ allow: false, message: "美".repeat(300) })).toEqual({
      allow: false,
      message: { zh: "美".repeat(200), en: "美".repeat(200) },
    });
  });

  it.each([
    ...[undefined, null, true, "true", [], {}, { allow: "true" }, { allow: 1 }, { allow: null }],
    ...[{ allow: false }, { allow: false, message: "" }, { allow: false, message: "\u200b\n" }],
    ...[
      { allow: false, message: 7 },
      { allow: false, message: { zh: "不行。" } },
    ],
  ])("%j is none", (answer) => {
    expect(() => readVerdict(answer)).toThrow(/answer|message/);
  });
});

describe("claims", () => {
  it("have names with a namespace, and any JSON", () => {
    const claims = { "shop:roles": ["vip"], "https://shop.example/level": 3, "a.b:c": null };
    expect(readClaims(claims)).toEqual(claims);
    expect(readClaims({})).toEqual({});
  });

  it.each([
    "user_id",
    "username",
    "exp",
    "email",
    "jti",
    "v",
    "aud",
    "token_type",
    "typ",
    "nbf",
    "iat",
    "sid",
    ":x",
    "x:",
    "__proto__",
    "1:x",
  ])("can't have the name %s", (name) => {
    expect(() => readClaims(JSON.parse(`{"${name}": 1}`))).toThrow(/has no namespace/);
  });

  it("are twenty at most, in 2 KB at most", () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`shop:c${i}`, 1]));
    expect(() => readClaims(many)).toThrow(/more than 20/);
    expect(() => readClaims({ "shop:big": "美".repeat(700) })).toThrow(/more than 2048 bytes/);
  });

  it("are what JSON makes of them at once", () => {
    let calls = 0;
    const read = readClaims({ "shop:x": { toJSON: () => ++calls } });
    expect([read, JSON.stringify(read)]).toEqual([{ "shop:x": 1 }, '{"shop:x":1}']);
    const circle: Record<string, unknown> = {};
    circle["shop:me"] = circle;
    expect(() => readClaims(circle)).toThrow(/no JSON/);
  });

  it.each([null, [], "x", 7, undefined])("%j are none", (answer) => {
    expect(() => readClaims(answer)).toThrow(/no JSON object/);
  });
});
