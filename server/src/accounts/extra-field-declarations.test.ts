import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readExtraFields } from "./extra-field-declarations.ts";

const label = { zh: "公司", en: "Company" };
const read = (...fields: unknown[]) => readExtraFields(JSON.stringify(fields));

describe("SIGN_UP_FIELDS", () => {
  it("is read with its defaults, from a text or a file", () => {
    const company = { name: "company", type: "text", label };
    const expected = [
      { ...company, required: false, max: 200, read: ["user", "staff"], write: ["user", "staff"] },
    ];
    expect(read(company)).toEqual(expected);
    const folder = mkdtempSync(join(tmpdir(), "meiduo-fields-"));
    const file = join(folder, "fields.json");
    writeFileSync(file, JSON.stringify([company]));
    expect(readExtraFields(file)).toEqual(expected);
    rmSync(folder, { recursive: true });
    expect(() => readExtraFields(file)).toThrow(/names a file that can't be read/);
  });

  it("takes choices as texts, or with labels", () => {
    const [field] = read({ name: "size", type: "choice", label, choices: ["S", { value: "L", label }] });
    expect(field!.choices).toEqual([
      { value: "S", label: { zh: "S", en: "S" } },
      { value: "L", label },
    ]);
  });

  it.each([
    ["Firma", { zh: "Firma", en: "Firma" }],
    [
      { zh: "公司", en: "Company", ja: "会社", "zh-hant": "公司行號" },
      { zh: "公司", en: "Company", ja: "会社", "zh-Hant": "公司行號" },
    ],
    [{ "zh-CN": "公司" }, { zh: "公司", en: "公司" }],
    [
      { "zh-Hant": "統一編號", ja: "番号" },
      { zh: "統一編號", en: "統一編號", "zh-Hant": "統一編號", ja: "番号" },
    ],
    [
      { ja: "会社", en: "Company" },
      { zh: "Company", en: "Company", ja: "会社" },
    ],
    [{ ja: "会社" }, { zh: "会社", en: "会社", ja: "会社" }],
  ])("takes the label %j in any language", (given, labels) => {
    const [field] = read({ name: "a", type: "text", label: given, hint: given });
    expect([field!.label, field!.hint]).toEqual([labels, labels]);
  });

  it.each([
    [{ type: "text", label }, "#1: a name has a-z"],
    [{ name: "Company", type: "text", label }, "#1: a name has a-z"],
    [{ name: "a", type: "string", label }, "a: type is one of text, integer"],
    [{ name: "a", type: "text" }, "a: label is a text of 1 to 200 characters, or one for each language"],
    [{ name: "a", type: "text", label: {} }, "a: label is a text"],
    [{ name: "a", type: "text", label: { zh: "甲", en: " " } }, "a: label is a text"],
    [{ name: "a", type: "text", label: ["甲"] }, "a: label is a text"],
    [{ name: "a", type: "text", label: { zh: "甲", klingonese: "x" } }, "a: label has klingonese, which is"],
    [{ name: "a", type: "text", label, hint: { ja: 7 } }, "a: hint is a text"],
    [{ name: "a", type: "choice", label, choices: [{ value: "x", label: 7 }] }, "a: choices is a text"],
    [{ name: "a", type: "text", label, pattern: ".*" }, "a: there is no pattern"],
    [{ name: "a", type: "text", label, max: 5000 }, "a: a length is from 1 to 1000"],
    [{ name: "a", type: "text", label, min: 9, max: 3 }, "a: min is above max"],
    [{ name: "a", type: "boolean", label, max: 3 }, "a: a boolean has no max"],
    [{ name: "a", type: "integer", label, min: 1.5 }, "a: min is a whole number"],
    [{ name: "a", type: "choice", label }, "a: choices lists 1 to 200"],
    [{ name: "a", type: "choice", label, choices: ["x", "x"] }, "a: a choice is there twice"],
    [{ name: "a", type: "text", label, choices: ["x"] }, "a: a text has no choices"],
    [{ name: "a", type: "text", label, read: ["everybody"] }, "a: read lists user, staff, services"],
    [{ name: "a", type: "text", label, write: ["services"] }, "a: write lists user, staff"],
    [{ name: "a", type: "text", label, required: true, write: ["staff"] }, "a: it is required, and"],
    ["company", "#1: it is no object"],
  ])("names what is wrong with %j", (field, said) => {
    expect(() => read(field)).toThrow(said);
  });

  it("names everything at once", () => {
    const two = () => read({ name: "a", type: "x", label }, { name: "a", type: "text" });
    expect(two).toThrow(/a: type is one of .*; a: label is .*; a: declared twice/);
    expect(() => readExtraFields("[")).toThrow(/can't be used/);
  });
});
