import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SettingProblem } from "../errors/setting-problem.ts";
import { readMailTemplates } from "./mail-templates.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-templates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (files: Readonly<Record<string, string | Buffer>>) => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
};
const problemsOf = (files: Readonly<Record<string, string | Buffer>>) => {
  write(files);
  return readMailTemplates(folder).problems.map(
    ({ code, parameters }) => new SettingProblem(code, parameters).en,
  );
};

test("a template is a text and an HTML file of one mail in one language", () => {
  const files = {
    "register.zh-CN.txt": "{code}",
    "register.zh-CN.html": "<b>{code}</b>",
    "README.md": "{x}",
  };
  expect(problemsOf(files)).toEqual([]);
  expect(readMailTemplates(folder).templates).toEqual(
    new Map([["register", new Map([["zh", { text: "{code}", html: "<b>{code}</b>" }]])]]),
  );
  expect(readMailTemplates(join(folder, "gone"))).toEqual({ templates: new Map(), problems: [] });
});

const right = { "register.en.txt": "{code}", "register.en.html": "{code}" };

test.each([
  [
    "a mail that there is not",
    { "signup.en.txt": "" },
    /signup\.en\.txt, which is no template.*mails are register,/,
  ],
  [
    "a language that there is not",
    { "register.klingon.txt": "" },
    /register\.klingon\.txt, which is no template/,
  ],
  ["another kind of file", { "register.en.mjml": "" }, /register\.en\.mjml, which is no template/],
  ["a half", { "no_account.ja.html": "" }, /no_account\.ja\.html without no_account\.ja\.txt/],
  [
    "a value that it has not",
    { ...right, "register.en.txt": "{code} {nickname}" },
    /\{nickname\}, which nothing fills: use \{brand\},/,
  ],
  [
    "a code that is missing",
    { ...right, "register.en.html": "<p>{validity}</p>" },
    /register\.en\.html, which lacks \{code\}/,
  ],
  ["bytes that are no text", { ...right, "register.en.txt": Buffer.from([0xff]) }, /can't be read as UTF-8/],
])("%s is named", (_, files, words) => {
  expect(problemsOf(files as Readonly<Record<string, string>>)).toEqual([expect.stringMatching(words)]);
});

const html = (mail: string) => ({ "binding_added.en.txt": "{nickname}", "binding_added.en.html": mail });

test.each([
  `<img src="{nickname}">`,
  `<a href="{nickname}">x</a>`,
  `<a href="javascript:{resetUrl}">x</a>`,
  `<a href={resetUrl}>x</a>`,
  `<a href="https://evil.example/?{resetUrl}">x</a>`,
  `<p title="{nickname}">x</p>`,
  `<p {nickname}>x</p>`,
  `<{nickname}>`,
  `<script>"{nickname}"</script>`,
  `<STYLE>.a{{nickname}}</STYLE>`,
  `<style>p::after{content:"{provider}"}`,
  `<!-- {nickname} -->`,
  `<!-- > {nickname}`,
  `<svg><text>{nickname}</text></svg>`,
  `<noscript><p>{nickname}</p></noscript>`,
  `<p title="a > b {nickname}">x</p>`,
  `<p title='<b>' class="{nickname}">x</p>`,
])("a value where it could become mark-up or an address is refused: %s", (mail) => {
  expect(problemsOf(html(mail))).toEqual([expect.stringMatching(/within a tag, a comment or a style/)]);
});

test.each([
  `<a href="{resetUrl}">{nickname}</a> {provider}`,
  `<a class="b" href='{resetUrl}#top'>x</a>`,
  `<style>.a{color:red}</style><p style="color:red">{nickname}</p>`,
  `1 < 2 {nickname}`,
  `<!doctype html><html lang="en"><head><title>{subject}</title></head><body>{heading}</body></html>`,
])("a value in the text, and our address in a link, is taken: %s", (mail) => {
  expect(problemsOf(html(mail))).toEqual([]);
});

test("a folder in place of a file is named", () => {
  mkdirSync(join(folder, "register.en.txt"));
  expect(problemsOf({ "register.en.html": "{code}" })).toEqual([
    expect.stringMatching(/can't be read.*EISDIR/),
  ]);
});
