import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDumpdataReader } from "./django-dumpdata.ts";

/** Files as `manage.py dumpdata` makes them on the systems people have, and what must not be taken for one. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-dump-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const user = (pk: number, username: string) => ({
  model: "users.user",
  pk,
  fields: { password: "!", username, is_superuser: false, is_staff: false, is_active: true },
});
const text = JSON.stringify([user(1, "全民😀"), user(2, "o'brien \"[{]}")], null, 2);

async function names(bytes: string | Buffer): Promise<unknown[]> {
  const file = join(folder, "dump.json");
  writeFileSync(file, bytes);
  const reader = await openDumpdataReader(file);
  try {
    return (await reader.all("select username from tb_users order by id")).map(({ username }) => username);
  } finally {
    await reader.close();
  }
}
const both = ["全民😀", "o'brien \"[{]}"];

describe("is read", () => {
  test.each([
    ["UTF-8", text],
    ["UTF-8 with a mark", `\ufeff${text}`],
    ["UTF-16 as PowerShell writes it", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["gzip", gzipSync(text)],
    ["gzip of UTF-16", gzipSync(Buffer.from(`\ufeff${text}`, "utf16le"))],
    ["JSON lines", `${JSON.stringify(user(1, both[0]!))}\r\n${JSON.stringify(user(2, both[1]!))}\r\n`],
  ])("%s", async (_, bytes) => expect(await names(bytes)).toEqual(both));

  test("a character that two pieces of the file share", async () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      user(i + 1, `${"x".repeat(i % 3)}${"美".repeat(5000)}${i}`),
    );
    expect(await names(JSON.stringify(many))).toEqual(many.map(({ fields }) => fields.username));
  });
});

test("a dump of the accounts alone keeps them in the groups it names", async () => {
  const file = join(folder, "dump.json");
  const member = (pk: number, groups: string[][]) => {
    const { model, fields } = user(pk, `user${pk}`);
    return { model, pk, fields: { ...fields, groups } };
  };
  writeFileSync(
    file,
    JSON.stringify([member(1, [["客服"]]), member(2, [["客服"], ["运营"]]), member(3, [])]),
  );
  const reader = await openDumpdataReader(file);
  const rows = await reader.all(
    "select user_id, name from tb_users_groups m join auth_group g on g.id = group_id order by m.id",
  );
  await reader.close();
  expect(rows.map(({ user_id, name }) => [user_id, name])).toEqual([
    [1, "客服"],
    [2, "客服"],
    [2, "运营"],
  ]);
});

describe("is refused with the reason", () => {
  const gbk = Buffer.from([0xc8, 0xab, 0xc3, 0xf1]);
  const [before, after] = JSON.stringify([user(1, "?")]).split("?") as [string, string];
  test.each([
    [
      "GBK, whose names would come over broken",
      Buffer.concat([Buffer.from(before), gbk, Buffer.from(after)]),
      /UTF-8/,
    ],
    ["a file that ends in a character", Buffer.from(text).subarray(0, 80), /UTF-8|ends in the middle/],
    ["a file that was cut", text.slice(0, -20), /ends in the middle/],
    ["a list of something else", '[{"a": 1}]', /no model/],
    ["a list of lists", "[[1]]", /between the objects/],
    ["a file without accounts", '[{"model": "auth.group", "pk": 1, "fields": {"name": "x"}}]', /no users/],
    ["an empty file", "", /is empty/],
  ])("%s", async (_, bytes, reason) => {
    const failure = await names(bytes).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "SourceError", message: expect.stringMatching(reason) });
  });
});

describe("what is no dumpdata JSON is named, with what to do", () => {
  test.each([
    ["SQL", "-- MySQL dump 10.13\nCREATE TABLE", /SQL script.*Restore/],
    ["SQL without a comment", "INSERT INTO `tb_users` VALUES (1)", /SQL script.*Restore/],
    ["gzipped SQL", gzipSync("/*!40101 SET NAMES utf8 */;"), /SQL script.*Restore/],
    ["pg_dump's own format", Buffer.from("PGDMP\x01\x0e"), /pg_dump.*Restore/],
    ["XML", '<?xml version="1.0"?>\n<django-objects version="1.0">', /XML.*--format json/],
    ["YAML", "- model: users.user\n  pk: 1\n", /YAML.*--format json/],
    ["CSV", "id,username,email\n1,a,b\n", /CSV.*--format json/],
    ["CSV with a mark", "\ufeffid;username\n", /CSV.*--format json/],
    ["a zip file", Buffer.from("PK\x03\x04rest"), /archive.*Unpack/],
    ["zstd", Buffer.from("28b52ffd04", "hex"), /archive.*Unpack/],
    ["a gzipped database", gzipSync("SQLite format 3\0rest"), /SQLite database.*Unpack/],
    ["half a gzip file", gzipSync(text).subarray(0, 60), /broken or cut short/],
    ["nothing", "", /is empty/],
  ])("%s", async (_, bytes, advice) => {
    await expect(names(bytes)).rejects.toThrow(advice);
  });
});
