import { resolve } from "node:path";
import { afterEach, expect, inject, it } from "vitest";
import { type EmptyFolder, type EmptyFolderOptions, emptyFolder } from "../support/empty-folder.ts";
import { freePort } from "../support/free-port.ts";
import { doMainJob } from "../support/main-job.ts";

/** Each of examples/, copied to an empty folder with an empty home, installed from the tarball and used. */
const examples = resolve(import.meta.dirname, "../../../examples");
const folders: EmptyFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

function begin(options: EmptyFolderOptions): EmptyFolder {
  const folder = emptyFolder(options);
  folders.push(folder);
  return folder;
}

const orders = (url: string, token?: string) =>
  fetch(url, { headers: token === undefined ? {} : { authorization: `JWT ${token}` } });

it("embedded-fastify: a program's routes and the accounts' on one port", async () => {
  const shop = begin({ filledFrom: `${examples}/embedded-fastify` });
  await shop.install(inject("tarball"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = await shop.start("node server.js", "The shop is ready", { API_PORT: String(port) });
  const { token } = await doMainJob(url, "python01");
  expect((await fetch(`${url}/shop/goods/`)).status).toBe(200);
  expect((await orders(`${url}/shop/orders/`)).status).toBe(401);
  expect(await (await orders(`${url}/shop/orders/`, token)).json()).toEqual({ orders: [], of: "python01" });
  expect(await started.stop()).toBe(0);
});

it("express-api: another service asks the server who is calling", async () => {
  const accounts = begin({});
  await accounts.install(inject("tarball"));
  const [port, sitePort, ownPort] = [await freePort(), await freePort(), await freePort()];
  const api = `http://127.0.0.1:${port}`;
  const server = await accounts.start("node_modules/.bin/meiduo-accounts start", "is ready", {
    ...{ API_PORT: String(port), WEB_PORT: String(sitePort) },
  });
  const shop = begin({ filledFrom: `${examples}/express-api` });
  await shop.install();
  const started = await shop.start("node server.js", "The API is ready", {
    ...{ PORT: String(ownPort), ACCOUNTS_API: api },
  });
  const url = `http://127.0.0.1:${ownPort}/orders/`;
  const { token } = await doMainJob(api, "python01");
  expect((await orders(url)).status).toBe(401);
  expect((await orders(url, `${token}x`)).status).toBe(401);
  expect(await (await orders(url, token)).json()).toEqual({ orders: [], of: "python01" });
  await server.stop();
  await accounts.remove();
  expect((await orders(url, token)).status).toBe(503);
  expect(await started.stop()).toBe(0);
});

it("own-tests: a suite that starts the server in itself, which refuses production wherever that is said", async () => {
  const suite = begin({ filledFrom: `${examples}/own-tests` });
  await suite.install(inject("tarball"));
  const { code, output } = await suite.run("npm test");
  expect([code, output]).toEqual([0, expect.stringMatching(/pass 3\n(?:.*\n)*?.*fail 0/)]);
  const line = (env: string) =>
    `node --input-type=module -e 'import { startTestServer } from "meiduo-accounts/testing"; await startTestServer(${env})'`;
  for (const [env, environment] of [
    ["", "production"],
    ['{ env: { ENVIRONMENT: "production" } }', ""],
  ] as const) {
    const refused = await suite.run(line(env), { ENVIRONMENT: environment });
    const why = expect.stringContaining("does not start with ENVIRONMENT=production");
    expect([refused.code, refused.output]).toEqual([1, why]);
  }
});
