import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEnvironmentFile, readUnit } from "./systemd-unit.ts";

test.each([
  ["KEY=plain", "plain"],
  ["KEY=  blanks around \t ", "blanks around"],
  ["KEY=a#b # c", "a#b # c"],
  ["KEY='a key#with $igns \\and more'", "a key#with $igns \\and more"],
  ['KEY="a \\"quoted\\" \\\\ word, \\n is no line"', 'a "quoted" \\ word, \\n is no line'],
  ["KEY='one'\"two\"three", "onetwothree"],
  ['KEY=it\'s "so"', 'it\'s "so"'],
  ["KEY=a\\\nb", "ab"],
  ["KEY=back\\\\slash\\ ", "back\\slash "],
  ["  KEY = spaced", "spaced"],
  ["# KEY=comment\n; KEY=too\nKEY=value", "value"],
  ["KEY='over\ntwo lines'", "over\ntwo lines"],
  ["KEY=windows\r\nOTHER=1", "windows"],
  ["KEY=postgres://u:p%40@h/db?sslmode=verify-full", "postgres://u:p%40@h/db?sslmode=verify-full"],
  ["KEY=first\nKEY=last", "last"],
  ["KEY=", ""],
  ["no assignment\nKEY=x", "x"],
])("reads %j as systemd does", (text, value) => {
  expect(readEnvironmentFile(text).KEY).toBe(value);
});

test("reads the unit of deploy/, and what its drop-ins change", () => {
  const text = readFileSync(
    new URL("../../../deploy/systemd/meiduo-accounts-web.service", import.meta.url),
    "utf8",
  );
  const unit = readUnit([text]);
  expect(unit).toMatchObject({ user: "meiduo", group: "meiduo", folder: "/opt/meiduo-accounts" });
  expect(unit.environment).toMatchObject({
    ...{ DATA_DIR: "/var/lib/meiduo-accounts", ENVIRONMENT: "production" },
    NODE_OPTIONS: "--max-semi-space-size=8",
  });
  expect(unit.environmentFiles).toEqual([{ path: "/etc/meiduo-accounts.env", optional: false }]);
  expect(unit.stateFolder).toBe("/var/lib/meiduo-accounts");
  const changed = readUnit([
    text,
    '[Service]\nEnvironment="EMAIL_FROM=Example <a@b.cn>" \\\n  DATA_DIR=/srv/accounts\nEnvironmentFile=\nEnvironmentFile=-/etc/x\nUser=other\n[Install]\nUser=nobody',
  ]);
  expect(changed.environment).toMatchObject({ EMAIL_FROM: "Example <a@b.cn>", DATA_DIR: "/srv/accounts" });
  expect(changed.environmentFiles).toEqual([{ path: "/etc/x", optional: true }]);
  expect(changed.user).toBe("other");
});
