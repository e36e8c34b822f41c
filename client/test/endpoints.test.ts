import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createClient } from "../src/client.ts";

const openapi = new URL("../../docs/openapi.json", import.meta.url);
const { paths } = JSON.parse(readFileSync(openapi, "utf8")) as { paths: Record<string, object> };
/** Asked by machines: watchers, services that verify tokens or have an erasure wait, mail services. */
const forMachines = [
  "GET /healthz",
  "GET /readyz",
  "GET /.well-known/jwks.json",
  // A page, by an address that another call answers.
  "GET /mails/previews/{ticket}/",
  // A provider's form, which the browser sends from its page.
  "POST /oauth/callback/{provider}/",
  "POST /mails/events/",
  "POST /sms/events/",
  "POST /sms/events/{token}/",
  "PUT /users/{id}/deletion/hold/",
  "DELETE /users/{id}/deletion/hold/",
];
const documented = Object.entries(paths)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  .filter((endpoint) => !forMachines.includes(endpoint));

/** What is asked where every parameter of the path is called "x". */
const asAsked = (endpoint: string) => endpoint.replace(/\{\w+\}/g, "x");

it("has a function for every endpoint of docs/openapi.json, and for nothing else", async () => {
  const asked = new Set<string>();
  const api = createClient({
    baseUrl: "http://api.test",
    fetch: async (url, options) => {
      asked.add(`${options?.method} ${new URL(String(url)).pathname}`);
      return Response.json({});
    },
  });
  const { admin, passkeys, joining, ...own } = api;
  const functions = [
    ...Object.values(own),
    ...Object.values(admin),
    ...Object.values(passkeys),
    ...Object.values(joining),
  ] as unknown as ((...anything: string[]) => Promise<unknown>)[];
  for (const call of functions) await call("x", "x", "x");
  expect([...asked].sort()).toEqual(documented.map(asAsked).sort());
});
