import { describe, expect, test } from "vitest";
import { createForbiddenWords } from "./forbidden-words.ts";

const isForbidden = createForbiddenWords(["Meiduo", "美多商城", "Blue River Shop", "of", "好", ""]);

describe("little more than a word of the site", () => {
  test.each([
    "meiduo-2026",
    "Meiduo2026!",
    "2026MEIDUO",
    "m3idu0-9876",
    "Me1duo!!2026",
    "ｍｅｉｄｕｏ２０２６",
    "美多商城888",
    "blueriversh0p",
    "blue river shop 1",
    "meiduomeiduo",
    "xyz-meiduo-1",
    "meiduo美多商城",
  ])("%s", (password) => expect(isForbidden(password)).toBe(true));
});

describe("a phrase with such a word in it, and one without", () => {
  test.each([
    "meiduo horse battery",
    "my meiduo",
    "mei-duo-2026",
    "river-of-gold",
    "好好学习天天",
    "12345678aA",
    "1234567890",
  ])("%s", (password) => expect(isForbidden(password)).toBe(password === "my meiduo"));
});

test("without words nothing is forbidden", () => {
  expect(createForbiddenWords([])("meiduo2026")).toBe(false);
});
