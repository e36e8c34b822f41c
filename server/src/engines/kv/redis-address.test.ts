import { join } from "node:path";
import { expect, test } from "vitest";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { parseRedisUrl } from "./redis-address.ts";

const certificate = join(import.meta.dirname, "../../../test/fixtures/localhost-cert.pem");

test.each([
  ["redis://127.0.0.1", { mode: "single", tls: false, hosts: [{ host: "127.0.0.1", port: 6379 }], db: 0 }],
  [
    "rediss://app:p%40ss@cache.example.com:6380/3",
    {
      mode: "single",
      tls: true,
      hosts: [{ host: "cache.example.com", port: 6380 }],
      username: "app",
      password: "p@ss",
      db: 3,
      authority: null,
    },
  ],
  [
    `rediss://cache/3?tls_ca=${encodeURIComponent(certificate)}`,
    { mode: "single", tls: true, db: 3, authority: expect.stringContaining("BEGIN CERTIFICATE") },
  ],
  [`rediss+cluster://a:7000,b?tls_ca=${certificate}`, { mode: "cluster", tls: true }],
  [
    "redis://:secret@[::1]:7000",
    { hosts: [{ host: "::1", port: 7000 }], username: null, password: "secret" },
  ],
  [
    "redis+sentinel://:pw@s1:26380,s2/mymaster/2",
    {
      mode: "sentinel",
      master: "mymaster",
      password: "pw",
      db: 2,
      hosts: [
        { host: "s1", port: 26380 },
        { host: "s2", port: 26379 },
      ],
    },
  ],
  [
    "redis+sentinel://:pw@s1/mymaster?sentinel_password=h%40l%26o=1",
    {
      mode: "sentinel",
      password: "pw",
      sentinelUsername: null,
      sentinelPassword: "h@l&o=1",
      authority: null,
    },
  ],
  [
    `rediss+sentinel://s1/mymaster/2?sentinel_username=watch&tls_ca=${certificate}&sentinel_password=pw2`,
    {
      ...{ tls: true, db: 2, username: null, password: null, authority: expect.stringContaining("BEGIN") },
      ...{ sentinelUsername: "watch", sentinelPassword: "pw2" },
    },
  ],
  ["redis+sentinel://:pw@s1/mymaster", { password: "pw", sentinelUsername: null, sentinelPassword: null }],
  [
    "rediss+cluster://u:p@a:7000,b:7001",
    {
      mode: "cluster",
      tls: true,
      hosts: [
        { host: "a", port: 7000 },
        { host: "b", port: 7001 },
      ],
    },
  ],
])("reads %s", (url, expected) => {
  expect(parseRedisUrl(url)).toMatchObject(expected);
});

test.each([
  "http://secret-host",
  "redis://",
  "redis://hunter2 y",
  "redis://:hunter2%zz@a",
  "redis://:hunter2@a,b",
  "redis://:hunter2@a:99999",
  "redis://:hunter2@a/x",
  "redis://:hunter2@a/0/1",
  "redis+sentinel://:hunter2@a",
  "redis+cluster://:hunter2@a/1",
  "redis://:hunter2@a?tls_ca=/ca.crt",
  "rediss://:hunter2@a?tls_ca=",
  "rediss://:hunter2@a?tls_ca=/nowhere/ca.crt",
  "rediss://:hunter2@a?ca=/ca.crt",
  "rediss://:hunter2@a/0?tls_ca=/ca.crt&x=1",
  `rediss://:hunter2@a/0?tls_ca=${certificate}&tls_ca=${certificate}`,
  "redis://a/0?sentinel_password=hunter2",
  "redis+cluster://a?sentinel_password=hunter2",
  "redis+sentinel://a/mymaster?sentinel_username=hunter2",
  "redis+sentinel://a/mymaster?sentinel_password=",
  "redis+sentinel://a/mymaster?sentinel_password=hunter2%zz",
  "redis+sentinel://a/mymaster?sentinel_password=hunter2&sentinel_password=hunter2",
  "redis+sentinel://a/mymaster?sentinel_password=hunter2&",
  "redis+sentinel://a/mymaster?password=hunter2",
])("refuses %s without repeating it", (url) => {
  expect(() => parseRedisUrl(url)).toThrow(SettingProblem);
  expect(() => parseRedisUrl(url)).not.toThrow(/hunter2|secret-host/);
});
