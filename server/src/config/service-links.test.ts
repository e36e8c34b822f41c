import { expect, test } from "vitest";
import { runCommand } from "../../test/support/run-command.ts";
import { readConfig } from "./config.ts";
import { variables } from "./env.ts";
import { withoutServiceLinks } from "./service-links.ts";

const ports = Object.keys(variables).filter((name) => name.endsWith("_PORT"));

test.each([...ports, "REDIS_PORT"])("%s of a Service or a link is not taken for a setting", (name) => {
  expect(ports).toContain("METRICS_PORT");
  for (const value of ["tcp://10.96.3.4:8000", "udp://[fd00::1]:53", "tcp://172.17.0.2:6379 "]) {
    expect(withoutServiceLinks({ [name]: value, OTHER: value })).toEqual({ OTHER: value });
  }
});

test("what is no link stays, to be used or refused", () => {
  const own = { API_PORT: "8001", WEB_PORT: "http://x:1", DATABASE_URL: "tcp://h:1" };
  expect(withoutServiceLinks(own)).toEqual(own);
  expect(() => readConfig({ WEB_PORT: "http://x:1" })).toThrow();
});

test("a pod beside a Service named api, web, metrics or sandbox starts", async () => {
  const links = Object.fromEntries(ports.map((name, i) => [name, `tcp://10.96.3.${i}:8000`]));
  const { code, stdout } = await runCommand(["check-config"], links);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^API_PORT=8000 /m);
  expect(stdout).toMatch(/^WEB_PORT=8080 /m);
});
